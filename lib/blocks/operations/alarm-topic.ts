import { Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { retain } from './retain';
import { tellTopic } from './told-alarm';

/** Properties of an AlarmTopic. */
export interface AlarmTopicProps {
  /**
   * Key for the messages at rest; its policy must let CloudWatch in.
   * @default - not encrypted with a key of the account (CloudWatch cannot publish through the AWS managed key, and a key costs
   * 1 USD of a 20 USD server); alarm messages carry metric names and values
   */
  readonly encryptionKey?: kms.IKey;
}

/** Where every alarm of the product goes; people subscribe to it. */
export class AlarmTopic extends Construct {
  public readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps = {}) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', { masterKey: props.encryptionKey, enforceSSL: true });
    retain(this.topic);
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        actions: ['sns:Publish'],
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
  }

  /** Sends an alarm, and its end, to the topic. */
  public notify(alarm: cloudwatch.AlarmBase): void {
    tellTopic(alarm, this.topic);
  }
}
