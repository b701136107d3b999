import {
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  type PolicyViolation,
  Stage,
} from 'aws-cdk-lib';
import { type Assembly, readAssembly } from '../assembly/cloud-assembly';
import { libraryVersion } from '../assembly/library-version';
import { messageOf, runRule } from './own-rules';
import { OWN_PACK } from './rule-id';
import { RULES } from './rules';
import type { RuleFinding, TemplateRule } from './rules/rule';

/**
 * Holds every synthesis against this library's own rules: what CloudFormation or AWS refuses, or nobody should sign, and no
 * other validator sees, such as a set of geolocation records without a default. Attach it to the app:
 *
 *     Validations.of(app).addPlugins(new TemplateRules());
 *
 * It reads the templates of all Regions at once, so a rule sees a Region's stack next to those it refers to. An error fails the
 * synthesis, a warning is reported; either can be set aside with a reason by `Validations.of(construct).acknowledge`, under the
 * id `ScaleTiers::` and the rule. `npx scale-tiers review` runs the same rules, among others, over a finished assembly.
 */
export class TemplateRules implements IPolicyValidationPlugin {
  /** Name in validation reports. */
  public readonly name = OWN_PACK;
  /** Version of this library. */
  public readonly version?: string = libraryVersion();
  /** Rules that violations are reported under. */
  public readonly ruleIds?: string[] = RULES.map(({ id }) => id);

  /** Called by the CDK after synthesis. */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const assembly = validated(context);
    const violations = RULES.flatMap((rule) => violationsOf(rule, assembly));
    return { success: !violations.some(({ severity }) => severity === 'error'), violations };
  }
}

/** The stacks that are validated, of all Regions: the CDK has written the whole assembly before it asks. */
function validated({ appConstruct, stackTemplates }: IPolicyValidationContext): Assembly {
  if (!Stage.isStage(appConstruct)) {
    throw new Error('TemplateRules looks at whole apps, add it with Validations.of(app).addPlugins(new TemplateRules())');
  }
  const assembly = readAssembly(appConstruct.outdir);
  const paths = stackTemplates.map(({ stackConstructPath }) => stackConstructPath);
  return { ...assembly, stacks: assembly.stacks.filter(({ constructPath = '' }) => paths.includes(constructPath)) };
}

function violationsOf(rule: TemplateRule, assembly: Assembly): PolicyViolation[] {
  const common = {
    ruleName: rule.id,
    severity: rule.severity === 'note' ? 'info' : rule.severity,
    ruleMetadata: { source: rule.source },
  };
  const outcome = runRule(rule, assembly);
  if ('cannotRun' in outcome) {
    // The CDK prints nothing of a violation without a resource, and fails nothing for it.
    const everywhere = assembly.stacks.map(({ constructPath }) => ({ constructPath, locations: [] }));
    const description = `nobody can tell whether ${rule.sentence}; ${outcome.cannotRun}`;
    return [{ ...common, severity: 'info', description, violatingResources: everywhere }];
  }
  return outcome.found.map((found) => ({
    ...common,
    description: messageOf(rule, found),
    violatingResources: [resourceOf(found)],
  }));
}

function resourceOf({ stack, logicalId, property }: RuleFinding): PolicyViolation['violatingResources'][number] {
  const constructPath = stack.constructs?.[logicalId]?.path;
  return {
    ...(constructPath === undefined ? { resourceLogicalId: logicalId, templatePath: stack.templatePath } : { constructPath }),
    locations: property === undefined ? [] : [`Properties/${property.replaceAll('.', '/')}`],
  };
}
