import { type Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { crossRegionValue } from '../network/cross-region-value';
import { EVENT_TYPE_ATTRIBUTE, type IDomainEvents, routeToQueue, subscribeQueue } from './event-delivery';
import { JobQueue } from './job-queue';

/** What a consumer hears, and how it is tried. */
export interface EventConsumerOptions {
  /**
   * Events of the topic by the message attribute `eventType`.
   * @default - every event of the topic; none of it where only `pattern` is given
   */
  readonly eventTypes?: string[];
  /**
   * Events of the bus by content. They come in the envelope of Amazon EventBridge, those of the topic as they were published.
   * @default - none
   */
  readonly pattern?: events.EventPattern;
  /**
   * Key for the events at rest.
   * @default - a key that Amazon SQS owns
   */
  readonly encryptionKey?: kms.IKey;
  /** Where the alarms for lag and for dead letters go. @default - nowhere: the alarms only show their state */
  readonly alarmTopic?: sns.ITopic;
  /** How often an event is tried before it goes to the dead letters, from 1 to 1000. @default 5 */
  readonly tries?: number;
  /**
   * How long each event is held back, up to 15 minutes. A delay of its own for one message is the sender's (`DelaySeconds`).
   * @default Duration.seconds(0)
   */
  readonly delay?: Duration;
  /** How long handling one event may take; the queue hides it for a minute longer. @default Duration.minutes(5) */
  readonly jobTimeout?: Duration;
  /** How long an event waits before it is lost, from 1 minute to 14 days. @default Duration.days(4) */
  readonly retention?: Duration;
  /** Age of the oldest waiting event from which on the consumer lags. @default Duration.minutes(15) */
  readonly maxLag?: Duration;
}

/** Properties of an EventConsumer. */
export interface EventConsumerProps extends EventConsumerOptions {
  /** Events to hear, of this stack or of another. */
  readonly events: IDomainEvents;
}

/**
 * A queue of one consumer's own, filled with the events that it wants to hear: consumers neither wait for one another nor lose what
 * another fails on.
 *
 * Queue, subscription and rule stand in the consumer's stack. Where the events are another stack's, it reads their names by weak
 * references, so that a new consumer touches nothing of theirs but, the first time, an output. The queue holds state: it stays in
 * the stack and under the id it was made with.
 *
 * Standard delivery: an event may come twice and out of order, which `IdempotencyTable` is for. No FIFO: `FifoTopic` and `FifoQueue`
 * are create-only (AWS::SNS::Topic, AWS::SQS::Queue), all consumers of a FIFO topic share its 3,000 messages a second (Amazon SNS
 * quotas), and one failing event stops its group. What needs an order reads the `EventStream`, or compares the version that an event
 * carries with the one it has.
 *
 * @throws if `eventTypes` is empty, or `tries`, `delay` or `jobTimeout` is out of range
 */
export class EventConsumer extends Construct {
  /** What the consumer reads; what it cannot handle is in the dead-letter queue of it. */
  public readonly jobs: JobQueue;
  /** Only where it hears the topic. */
  public readonly subscription?: sns.Subscription;
  /** Only where it hears the bus. */
  public readonly rule?: events.Rule;

  constructor(scope: Construct, id: string, props: EventConsumerProps) {
    super(scope, id);
    const { eventTypes, pattern, encryptionKey, alarmTopic, tries, jobTimeout, retention } = props;
    if (eventTypes?.length === 0) {
      throw new Error('eventTypes must name at least one type of event, got none: leave it out to hear every event of the topic');
    }
    this.jobs = new JobQueue(this, 'Jobs', {
      encryptionKey,
      alarmTopic,
      maxReceiveCount: tries,
      deliveryDelay: props.delay,
      jobTimeout,
      retention,
      maxJobAge: props.maxLag,
    });
    const { queue } = this.jobs;
    if (eventTypes || !pattern) {
      this.subscription = subscribeQueue(this, 'Subscription', this.topicOf(props.events), queue, {
        filterPolicy: eventTypes && {
          [EVENT_TYPE_ATTRIBUTE]: sns.SubscriptionFilter.stringFilter({ allowlist: eventTypes }),
        },
      });
    }
    if (pattern) this.rule = routeToQueue(this, 'Route', this.busOf(props.events), pattern, queue);
  }

  private topicOf(producer: IDomainEvents): sns.ITopic {
    const { topic } = producer;
    if (Stack.of(topic) === Stack.of(this)) return topic;
    const value = crossRegionValue(this, { producer, name: 'TopicArn', value: topic.topicArn });
    return sns.Topic.fromTopicArn(this, 'Topic', value);
  }

  private busOf(producer: IDomainEvents): events.IEventBus {
    const { bus } = producer;
    if (Stack.of(bus) === Stack.of(this)) return bus;
    const value = crossRegionValue(this, { producer, name: 'BusName', value: bus.eventBusName });
    return events.EventBus.fromEventBusName(this, 'Bus', value);
  }
}
