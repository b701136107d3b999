import { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { notifyingServices } from '../data/data-key';

/** The events of a product, made here or in another stack. */
export interface IDomainEvents extends IConstruct {
  /** Fans every event out to the subscribed queues. */
  readonly topic: sns.ITopic;
  /** Routes events by content. */
  readonly bus: events.IEventBus;
}

/** Message attribute of the topic that says what kind of event a message is; publishers set it, `EventConsumer` chooses by it. */
export const EVENT_TYPE_ATTRIBUTE = 'eventType';

/** What a queue wants to hear. */
export interface QueueSubscriberOptions {
  /**
   * Message attributes to choose by.
   * @default - every event
   */
  readonly filterPolicy?: { [attribute: string]: sns.SubscriptionFilter };
}

/** Delivers a topic to a queue, raw; the subscription stands in `scope`. */
export function subscribeQueue(
  scope: Construct,
  id: string,
  topic: sns.ITopic,
  queue: sqs.IQueue,
  options: QueueSubscriberOptions = {},
): sns.Subscription {
  const policy = admit(queue, 'sns', topic.topicArn);
  const deadLetterQueue = deadLettersOf(queue);
  if (deadLetterQueue) letUseKeyOf(deadLetterQueue);
  // Not SqsSubscription: under a feature flag it names the topic in the policy of the queue's key, and a topic with the same key
  // then waits for the key while the key waits for the topic.
  const subscription = new sns.Subscription(scope, id, {
    topic,
    protocol: sns.SubscriptionProtocol.SQS,
    endpoint: queue.queueArn,
    rawMessageDelivery: true,
    filterPolicy: options.filterPolicy,
    deadLetterQueue,
  });
  if (policy.policyDependable) subscription.node.addDependency(policy.policyDependable);
  return subscription;
}

/** Delivers those events of a bus that match a pattern to a queue; the rule stands in `scope`. */
export function routeToQueue(
  scope: Construct,
  id: string,
  eventBus: events.IEventBus,
  eventPattern: events.EventPattern,
  queue: sqs.IQueue,
): events.Rule {
  const rule = new events.Rule(scope, id, { eventBus, eventPattern });
  const deadLetters = deadLettersOf(queue);
  const deadLetterConfig = deadLetters && { arn: deadLetters.queueArn };
  rule.addTarget({ bind: () => ({ arn: queue.queueArn, targetResource: queue, deadLetterConfig }) });
  for (const target of deadLetters ? [queue, deadLetters] : [queue]) admit(target, 'events', rule.ruleArn);
  return rule;
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
