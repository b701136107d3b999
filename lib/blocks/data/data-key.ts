import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { grantsByServicesOnly } from '../operations/service-grants';

/**
 * The key that everything stateful of a product is encrypted with.
 *
 * Multi-Region from birth: a single-Region key can never become one, the update fails (AWS::KMS::Key MultiRegion), although a
 * template diff shows a harmless change.
 */
export class DataKey extends Construct {
  public readonly key: kms.Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.key = new kms.Key(this, 'Key', {
      description: 'Encrypts what the product stores',
      enableKeyRotation: true,
      multiRegion: true,
    });
    retain(this.key);
    this.key.addToResourcePolicy(notifyingServices(Stack.of(this).account));
    this.key.addToResourcePolicy(grantsByServicesOnly());
  }
}

/** Lets alarms and events of this account into encrypted topics and queues. */
export function notifyingServices(account: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'NotifyingServicesOfThisAccount',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    principals: ['cloudwatch', 'events', 'sns'].map((service) => new iam.ServicePrincipal(`${service}.amazonaws.com`)),
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': account } },
  });
}
