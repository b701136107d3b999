import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { acknowledge, sameReason } from '../operations/acknowledge';
import type { ContractSecret } from './app-contract';
import type { ProductImage } from './product-image';

/** Properties of a ServerRelease. */
export interface ServerReleaseProps {
  /** Container image of the product. */
  readonly image: ProductImage;
  /** Port the container listens on, 1 to 65535. */
  readonly port: number;
  /** Path that answers 2xx when the product can serve; starts with a slash. */
  readonly healthCheckPath: string;
  /** @default - only what the server sets itself */
  readonly environment?: { [name: string]: string };
  /** @default - none */
  readonly secrets?: ContractSecret[];
  /** Variables the server sets itself, so that neither of the above may. */
  readonly setByServer: string[];
}

/** A standard parameter holds 4 KB (Systems Manager quotas); an advanced one costs 0.05 USD a month. */
const PARAMETER_LIMIT = 4_096;

/**
 * What the server runs: image, port and environment, in a parameter that the server looks at each minute.
 *
 * Not in the server's user data, because a change of user data replaces the server, which takes minutes; this way a deploy
 * costs a restart of two containers (seed: several deploys a day at 99 % uptime).
 */
export class ServerRelease extends Construct {
  /** The parameter. It names secrets, and holds none. */
  public readonly parameter: ssm.StringParameter;
  private readonly props: ServerReleaseProps;

  /** @throws if port, healthCheckPath, environment or secrets cannot be run */
  constructor(scope: Construct, id: string, props: ServerReleaseProps) {
    super(scope, id);
    this.props = props;
    check(props);
    const { PORT: _, ...environment } = props.environment ?? {};
    const release = {
      image: props.image.runIn(this).uri,
      port: props.port,
      healthCheckPath: props.healthCheckPath,
      options: runOptions(props.image),
      environment: { ...environment, PORT: String(props.port) },
      secrets: (props.secrets ?? []).map(({ name, secret, field }) => ({ name, arn: secret.secretArn, field })),
    };
    const text = JSON.stringify(release);
    if (!Token.isUnresolved(text) && Buffer.byteLength(text) > PARAMETER_LIMIT) {
      throw new Error(
        `environment must fit into ${PARAMETER_LIMIT} bytes with the rest of the release, got: ${Buffer.byteLength(text)}`,
      );
    }
    this.parameter = new ssm.StringParameter(this, 'Parameter', {
      description: 'What the server runs; it looks here each minute',
      stringValue: Stack.of(this).toJsonString(release),
    });
  }

  /** Lets a role write another release, as a deploy between two deploys of the stack does. */
  public grantWrite(role: iam.Role): void {
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['ssm:PutParameter'], resources: [this.parameter.parameterArn] }),
    );
  }

  /** Lets a role read the release, its secrets and its image. */
  public grantRead(role: iam.Role): void {
    // Not `parameter.grantRead`, which also names actions that take no resource, and more than the server asks.
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['ssm:GetParameter'], resources: [this.parameter.parameterArn] }),
    );
    for (const { secret } of this.props.secrets ?? []) secret.grantRead(role);
    const before = statements(role);
    this.props.image.grantPull(role);
    if (statements(role) > before) {
      acknowledge(
        role,
        ...sameReason(
          'ecr:GetAuthorizationToken takes no resource; the pull itself is bound to the one repository of the product.',
          'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
          'Cloudsplaining::CredentialsExposure',
        ),
      );
    }
  }
}

/**
 * What `docker run` is told about the containers, so that an image which runs here runs in a cluster too. Docker's `/tmp` is that of
 * the tasks: in memory, and nothing in it can be started.
 */
function runOptions(image: ProductImage): string {
  const user = image.user === undefined ? [] : [`--user=${image.user}`];
  const files = image.writableReason === undefined ? ['--read-only', '--tmpfs=/tmp:size=256m'] : [];
  return [...user, ...files].join(' ');
}

function statements(role: iam.Role): number {
  const policy = role.node.tryFindChild('DefaultPolicy');
  return policy instanceof iam.Policy ? policy.document.statementCount : 0;
}

function check({ port, healthCheckPath, environment = {}, secrets = [], setByServer }: ServerReleaseProps): void {
  if (!Token.isUnresolved(port) && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new Error(`port must be a whole number from 1 to 65535, got: ${port}`);
  }
  if (!Token.isUnresolved(healthCheckPath) && !/^\/[^\s'"\\]*$/.test(healthCheckPath)) {
    throw new Error(
      `healthCheckPath must start with a slash and hold no space or quote, such as /health, got: '${healthCheckPath}'`,
    );
  }
  const secretNames = secrets.map(({ name }) => name);
  for (const name of [...Object.keys(environment), ...secretNames]) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new Error(`environment must have names of letters, digits and underscores, got: '${name}'`);
    }
    if (setByServer.includes(name)) {
      throw new Error(`environment must not set ${name}, because the server does: leave it out`);
    }
  }
  for (const [name, value] of Object.entries(environment)) {
    if (Token.isUnresolved(value)) continue;
    if (/[\r\n]/.test(value)) {
      throw new Error(`environment.${name} must be one line, because a container's environment file holds one a line: encode it`);
    }
    // "Parameter values must not nest another parameter" (Systems Manager, PutParameter).
    if (value.includes('{{')) {
      throw new Error(`environment.${name} must not hold '{{', which Systems Manager takes for a reference: encode it`);
    }
    if (name === 'PORT' && value !== String(port) && !Token.isUnresolved(port)) {
      throw new Error(`environment.PORT must be the port ${port}, got: '${value}'`);
    }
  }
  const twice = secretNames.find((name, index) => secretNames.indexOf(name) !== index || name in environment);
  if (twice !== undefined) {
    throw new Error(`secrets must not name ${twice} again: an environment variable has one value`);
  }
}
