import { CfnParameter, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { FollowedTag } from './followed-tag';
import { TAG_PATTERN } from './tag-pattern';

/**
 * The tag of the product's image as a parameter of the stack, so that a release changes one value and no template, and
 * `cdk deploy` keeps what was released last (CDK CLI, `--previous-parameters`, on unless turned off).
 *
 * Every stack that runs the image has the parameter; there are two, the tag that serves and the tag whose migration runs, because the
 * migration of a release comes before the release.
 */
export class ReleaseTag {
  /**
   * @param firstTag tag that the first deploy of a stack takes; later ones keep what was released
   * @param name what the parameters' names start with, letters and digits; `Release` unless a stack holds several products
   * @throws if the tag is none, or `latest`, or the name is no name
   */
  public static of(firstTag: string, name = 'Release'): ReleaseTag {
    return new ReleaseTag(firstTag, name);
  }

  /** Name of the parameter with the tag that serves. */
  public readonly parameterName: string;
  /** Name of the parameter with the tag whose migration runs. */
  public readonly migrationParameterName: string;

  private constructor(
    /** Tag that the first deploy of a stack takes. */
    public readonly firstTag: string,
    name: string,
  ) {
    if (!Token.isUnresolved(firstTag) && !new RegExp(TAG_PATTERN).test(firstTag)) {
      throw new Error(
        `firstTag must be a tag other than latest, such as 1.4.2, got '${firstTag}': give the tag that was pushed first`,
      );
    }
    if (!/^[A-Za-z][A-Za-z0-9]{0,99}$/.test(name)) {
      throw new Error(`name must be up to 100 letters and digits, as names of parameters are, got '${name}': shorten it`);
    }
    this.parameterName = `${name}Tag`;
    this.migrationParameterName = `${name}MigrationTag`;
  }

  /** The tag that serves, as the stack of a construct knows it. */
  public servingIn(scope: IConstruct): string {
    return this.parameter(scope, this.parameterName, 'Tag of the image that serves; the release runbook changes it');
  }

  /** The tag whose migration runs, as the stack of a construct knows it. */
  public migratingIn(scope: IConstruct): string {
    return this.parameter(scope, this.migrationParameterName, 'Tag of the image whose migration runs before it is released');
  }

  private parameter(scope: IConstruct, name: string, description: string): string {
    const stack = Stack.of(scope);
    const found = stack.node.tryFindChild(name);
    if (found instanceof FollowedTag) return found.tag;
    if (found instanceof CfnParameter) return found.valueAsString;
    return new CfnParameter(stack, name, {
      type: 'String',
      description,
      default: this.firstTag,
      allowedPattern: TAG_PATTERN,
      constraintDescription: 'a tag other than latest',
    }).valueAsString;
  }
}
