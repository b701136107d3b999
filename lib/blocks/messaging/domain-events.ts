import { type Duration, Names, Token } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { EventConsumer, type EventConsumerOptions } from './event-consumer';
import { type IDomainEvents, type QueueSubscriberOptions, routeToQueue, subscribeQueue } from './event-delivery';

/** Properties of DomainEvents. */
export interface DomainEventsProps {
  /**
   * Key for the topic's messages at rest; its policy must let Amazon SNS in where queues with the same key subscribe, which
   * `addQueueSubscriber` sees to for keys of this app.
   * @default - the AWS managed key `alias/aws/sns`, through which only principals of this account can publish
   */
  readonly encryptionKey?: kms.IKey;
}

/** Events of a product that another stack or app made. */
export interface DomainEventsAttributes {
  readonly topicArn: string;
  readonly eventBusName: string;
}

/**
 * How services of one Region tell each other what happened, on two ways: the topic for every event of the product at high volume
 * to queues of its own services, the bus for the few events that are chosen by content or leave for other AWS services or accounts.
 * A publisher chooses per kind of event; nothing goes from one to the other by itself.
 *
 * The topic is retained: others hold its ARN. The bus holds nothing, and a bus that stayed behind would block its own name; so it
 * goes when it is taken out. What is kept of it is kept by `archive`. Nothing discovers schemas.
 */
export class DomainEvents extends Construct implements IDomainEvents {
  /** Events that exist already, for an `EventConsumer`. The queue's key has to let Amazon SNS and EventBridge in. */
  public static fromAttributes(scope: Construct, id: string, attributes: DomainEventsAttributes): IDomainEvents {
    class ExistingDomainEvents extends Construct implements IDomainEvents {
      public readonly topic: sns.ITopic;
      public readonly bus: events.IEventBus;

      constructor() {
        super(scope, id);
        this.topic = sns.Topic.fromTopicArn(this, 'Topic', attributes.topicArn);
        this.bus = events.EventBus.fromEventBusName(this, 'Bus', attributes.eventBusName);
      }
    }
    return new ExistingDomainEvents();
  }

  /** Fans every event out to the subscribed queues. */
  public readonly topic: sns.ITopic;
  /**
   * Routes events by content. Encrypted with a key that AWS owns: events only pass through, and with a key of the account every
   * rule's publisher would need the key as well.
   */
  public readonly bus: events.IEventBus;

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

  /** A queue of its own for a consumer, with tries, delay, dead letters and alarms. Consumers of other stacks make an `EventConsumer`. */
  public addConsumer(id: string, options: EventConsumerOptions = {}): EventConsumer {
    return new EventConsumer(this, id, { ...options, events: this });
  }

  /**
   * Keeps the events of the bus, to be played again: `aws events start-replay` for a range of time, to all rules or to one, whose
   * consumers must bear what they handled before (`IdempotencyTable`). The events of the topic are not in it.
   *
   * The archive is retained, in encryption that AWS owns, as the bus is. 0.10 USD per GB of events put in, 0.023 USD per GB and month
   * (Amazon EventBridge pricing). Not verified against AWS.
   *
   * @param retention whole days, at least one; it may change at any time
   * @throws if it is anything else, or there is an archive already
   */
  public archive(retention: Duration): events.CfnArchive {
    const retentionDays = retention.toDays({ integral: false });
    if (!Token.isUnresolved(retentionDays) && !(Number.isInteger(retentionDays) && retentionDays >= 1)) {
      throw new Error(`retention must be whole days, at least one, got ${retentionDays} days: write it as in Duration.days(30)`);
    }
    const archive = new events.CfnArchive(this, 'Archive', { sourceArn: this.bus.eventBusArn, retentionDays });
    retain(archive);
    return archive;
  }

  /**
   * Delivers every event of the topic, or those that a filter lets through, to a queue. The message is the event itself, without
   * Amazon SNS's envelope. What cannot be delivered goes to the dead-letter queue of that queue, where it has one.
   */
  public addQueueSubscriber(id: string, queue: sqs.IQueue, options: QueueSubscriberOptions = {}): sns.Subscription {
    return subscribeQueue(this, id, this.topic, queue, options);
  }

  /**
   * Delivers those events of the bus that match a pattern to a queue. What cannot be delivered goes to the dead-letter queue of that
   * queue, where it has one.
   */
  public addQueueRoute(id: string, pattern: events.EventPattern, queue: sqs.IQueue): events.Rule {
    return routeToQueue(this, id, this.bus, pattern, queue);
  }

  /** Lets a principal publish to the topic and to the bus. */
  public grantPublish(grantee: iam.IGrantable): iam.Grant {
    // Not the topic's own grant, which allows the key's actions by wildcard.
    this.topic.masterKey?.grant(grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
    const publish = iam.Grant.addToPrincipal({ grantee, actions: ['sns:Publish'], resourceArns: [this.topic.topicArn] });
    return publish.combine(this.bus.grantPutEventsTo(grantee));
  }
}
