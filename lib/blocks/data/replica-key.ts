import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { grantsByServicesOnly } from '../operations/service-grants';
import { loggingService } from '../operations/service-log';
import { notifyingServices } from './data-key';

/** Properties of a ReplicaKey. */
export interface ReplicaKeyProps {
  /** ARN of the multi-Region key in the Region it was made in. */
  readonly primaryKeyArn: string;
}

/** The product's key in a further Region: what was encrypted in one Region can be read in another. */
export class ReplicaKey extends Construct {
  public readonly key: kms.IKey;
  public readonly resource: kms.CfnReplicaKey;

  constructor(scope: Construct, id: string, props: ReplicaKeyProps) {
    super(scope, id);
    const owners = new iam.PolicyStatement({
      sid: 'AccountDecidesByIdentityPolicies',
      actions: ['kms:*'],
      principals: [new iam.AccountRootPrincipal()],
      resources: ['*'],
    });
    this.resource = new kms.CfnReplicaKey(this, 'Resource', {
      primaryKeyArn: props.primaryKeyArn,
      description: 'Encrypts what the product stores',
      // All that the product's parts need: nothing can be added to the policy of a key that is known by its ARN only.
      keyPolicy: new iam.PolicyDocument({
        // By a feature flag of the user's otherwise: it sorts the actions of a statement.
        minimize: true,
        statements: [owners, notifyingServices(Stack.of(this).account), grantsByServicesOnly(), loggingService(this)],
      }),
    });
    retain(this.resource);
    this.key = kms.Key.fromKeyArn(this, 'Key', this.resource.attrArn);
  }
}
