import { Names, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { notifyingServices } from '../data/data-key';
import { retain } from '../operations/retain';

/** Properties of DomainEvents. */
export interface DomainEventsProps {
  /**
   * Key for the topic's messages at rest; its policy must let Amazon SNS in where queues with the same key subscribe, which
   * `addQueueSubscriber` sees to for keys of this app.
   * @default - the AWS managed key `alias/aws/sns`, through which only principals of this account can publish
   */
  readonly encryptionKey?: kms.IKey;
}

/** What a queue wants to hear. */
export interface QueueSubscriberOptions {
  /**
   * Message attributes to choose by.
   * @default - every event
   */
  readonly filterPolicy?: { [attribute: string]: sns.SubscriptionFilter };
}

/**
 * How services of one Region tell each other what happened, on two ways: the topic for every event of the product at high volume
 * to queues of its own services, the bus for the few events that are chosen by content or leave for other AWS services or accounts.
 * A publisher chooses per kind of event; nothing goes from one to the other by itself.
 *
 * The topic is retained: others hold its ARN. The bus holds nothing (no archive), and a bus that stayed behind would block its
 * own name; so it goes when it is taken out.
 */
export class DomainEvents extends Construct {
  /** Fans every event out to the subscribed queues. */
  public readonly topic: sns.Topic;
  /**
   * Routes events by content. Encrypted with a key that AWS owns: events only pass through, and with a key of the account every
   * rule's publisher would need the key as well.
   */
  public readonly bus: events.EventBus;

  constructor(scope: Construct, id: string, props: DomainEventsProps = {}) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', { masterKey: props.encryptionKey, enforceSSL: true });
    if (!props.encryptionKey) (this.topic.node.defaultChild as sns.CfnTopic).kmsMasterKeyId = 'alias/aws/sns';
    retain(this.topic);
    // CloudFormation wants a name for a bus.
    this.bus = new events.EventBus(this, 'Bus', {
      eventBusName: Names.uniqueResourceName(this, { maxLength: 256, separator: '-' }),
    });
  }

  /**
   * Delivers every event of the topic, or those that a filter lets through, to a queue. The message is the event itself, without
   * Amazon SNS's envelope. What cannot be delivered goes to the dead-letter queue of that queue, where it has one.
   */
  public addQueueSubscriber(id: string, queue: sqs.IQueue, options: QueueSubscriberOptions = {}): sns.Subscription {
    const policy = admit(queue, 'sns', this.topic.topicArn);
    const deadLetterQueue = deadLettersOf(queue);
    if (deadLetterQueue) letUseKeyOf(deadLetterQueue);
    // Not SqsSubscription: under a feature flag it names the topic in the policy of the queue's key, and a topic with the same key
    // then waits for the key while the key waits for the topic.
    const subscription = new sns.Subscription(this, id, {
      topic: this.topic,
      protocol: sns.SubscriptionProtocol.SQS,
      endpoint: queue.queueArn,
      rawMessageDelivery: true,
      filterPolicy: options.filterPolicy,
      deadLetterQueue,
    });
    if (policy.policyDependable) subscription.node.addDependency(policy.policyDependable);
    return subscription;
  }

  /**
   * Delivers those events of the bus that match a pattern to a queue. What cannot be delivered goes to the dead-letter queue of that
   * queue, where it has one.
   */
  public addQueueRoute(id: string, pattern: events.EventPattern, queue: sqs.IQueue): events.Rule {
    const rule = new events.Rule(this, id, { eventBus: this.bus, eventPattern: pattern });
    const deadLetters = deadLettersOf(queue);
    const deadLetterConfig = deadLetters && { arn: deadLetters.queueArn };
    rule.addTarget({ bind: () => ({ arn: queue.queueArn, targetResource: queue, deadLetterConfig }) });
    for (const target of deadLetters ? [queue, deadLetters] : [queue]) admit(target, 'events', rule.ruleArn);
    return rule;
  }

  /** Lets a principal publish to the topic and to the bus. */
  public grantPublish(grantee: iam.IGrantable): iam.Grant {
    // Not the topic's own grant, which allows the key's actions by wildcard.
    this.topic.masterKey?.grant(grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
    const publish = iam.Grant.addToPrincipal({ grantee, actions: ['sns:Publish'], resourceArns: [this.topic.topicArn] });
    return publish.combine(this.bus.grantPutEventsTo(grantee));
  }
}

/** Where a queue puts what nobody can work off; unknown for a queue that exists already. */
function deadLettersOf(queue: sqs.IQueue): sqs.IQueue | undefined {
  return queue instanceof sqs.Queue ? queue.deadLetterQueue?.queue : undefined;
}

function letUseKeyOf(queue: sqs.IQueue): void {
  queue.encryptionMasterKey?.addToResourcePolicy(notifyingServices(Stack.of(queue).account));
}

/** Lets a service deliver to a queue from one source, through the queue's key too where this app owns it. */
function admit(queue: sqs.IQueue, service: string, sourceArn: string): iam.AddToResourcePolicyResult {
  letUseKeyOf(queue);
  return queue.addToResourcePolicy(
    new iam.PolicyStatement({
      actions: ['sqs:SendMessage'],
      principals: [new iam.ServicePrincipal(`${service}.amazonaws.com`)],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': sourceArn } },
    }),
  );
}
