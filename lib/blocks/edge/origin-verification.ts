import { RemovalPolicy } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';

/** Header that CloudFront adds to what it asks of the application; a viewer's own of that name is thrown away. */
export const ORIGIN_HEADER = 'X-Origin-Verify';

/** Properties of an OriginVerification. */
export interface OriginVerificationProps {
  /**
   * Which password CloudFront sends: a whole number from 1. One more is one rotation, in one deploy.
   * @default 1
   */
  readonly generation?: number;
  /**
   * Key for the passwords.
   * @default - Secrets Manager's own key
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Regions beside the stack's own with a load balancer that asks for the password.
   * @default - none
   */
  readonly replicaRegions?: string[];
}

/**
 * What tells this product's distribution from everybody else's: a password that CloudFront sends in a header and the load balancers
 * ask for. The addresses of CloudFront alone tell nothing, because every customer's distribution has them.
 *
 * Two passwords are good at any time, the one that is sent and the one that will be sent next. So a rotation drops no request: what
 * CloudFront starts to send is accepted everywhere already, and the load balancers forget the old one afterwards. Passwords of the
 * past stay in Secrets Manager, where nobody asks for them.
 *
 * Templates name a password and never hold it. CloudFormation hands it to CloudFront and the load balancers, and whoever may read
 * those configurations reads it there (CloudFormation User Guide, secretsmanager dynamic references).
 *
 * @throws if the generation is no whole number from 1
 */
export class OriginVerification extends Construct {
  /** Every password there is, the oldest first. */
  public readonly secrets: secretsmanager.ISecret[];
  /** The passwords a load balancer accepts: what is sent, and what will be sent next. */
  public readonly accepted: secretsmanager.ISecret[];
  /** Number of the password that is sent. */
  public readonly generation: number;

  constructor(scope: Construct, id: string, props: OriginVerificationProps = {}) {
    super(scope, id);
    this.generation = props.generation ?? 1;
    if (!Number.isInteger(this.generation) || this.generation < 1) {
      throw new Error(`generation must be a whole number from 1, got ${this.generation}: add 1 to rotate`);
    }
    const generations = Array.from({ length: this.generation + 1 }, (_, index) => index + 1);
    this.secrets = generations.map((generation) => this.password(generation, props));
    this.accepted = this.secrets.slice(-2);
  }

  /** The header's value as CloudFront sends it: a reference that CloudFormation resolves. */
  public get sentValue(): string {
    return headerValue(this.accepted[0]);
  }

  private password(generation: number, props: OriginVerificationProps): secretsmanager.Secret {
    const secret = new secretsmanager.Secret(this, `Password${generation}`, {
      description: 'Proves to the load balancers that a request came through the distribution of this product',
      // A condition of a listener rule takes * and ? for wildcards and 128 characters (Elastic Load Balancing, condition types).
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      encryptionKey: props.encryptionKey,
      replicaRegions: props.replicaRegions?.map((region) => ({ region })),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      secret,
      ...sameReason(
        'The rules want a password that leaked to be of use for some days only. CloudFront and the load balancers keep a copy each, ' +
          'which no rotation schedule can change; it changes with a deploy that names the next generation, without dropping a request. ' +
          'The password opens nothing but the way to a public site past its firewall, and only from addresses of CloudFront.',
        'AwsSolutions::AwsSolutions-SMG4',
        ...inPacks('SecretsManagerRotationEnabled', 'HIPAA.Security', 'NIST.800.53.R5'),
      ),
    );
    return secret;
  }
}

/** A password as a reference that CloudFormation resolves in the Region of the stack that holds it. */
export function headerValue(secret: secretsmanager.ISecret): string {
  // It becomes '{{resolve:secretsmanager:...}}', which secretsmanager references may do in every property of a resource.
  return secret.secretValue.unsafeUnwrap();
}
