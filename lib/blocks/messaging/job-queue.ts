import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { retain } from '../operations/retain';
import { keyOfTemplate } from '../operations/service-log';
import { tellTopic } from '../operations/told-alarm';

/** Properties of a JobQueue. */
export interface JobQueueProps {
  /**
   * Key for the jobs at rest. It may come later: CloudFormation changes it in place.
   * @default - a key that Amazon SQS owns
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * How long a worker may take for one job, from a second to 11 hours and 59 minutes. It drives both ends: the workers are told of it
   * (`jobTimeoutSeconds` of the app contract) and give a job up then; the queue hides the job for a minute longer, so that no second
   * worker gets it while the first may still strike it off (Amazon SQS developer guide, processing messages in a timely manner).
   * @default Duration.minutes(5)
   */
  readonly jobTimeout?: Duration;
  /**
   * How long a job waits for a worker before it is lost, from 1 minute to 14 days.
   * @default Duration.days(4)
   */
  readonly retention?: Duration;
  /**
   * How long every job is held back before a worker may see it, whole seconds up to 15 minutes. It may change at any time.
   * @default Duration.seconds(0)
   */
  readonly deliveryDelay?: Duration;
  /**
   * How often a job is tried before it goes to the dead-letter queue, from 1 to 1000.
   * @default 5
   */
  readonly maxReceiveCount?: number;
  /**
   * Age of the oldest waiting job from which on the workers count as too slow.
   * @default Duration.minutes(15)
   */
  readonly maxJobAge?: Duration;
  /**
   * Where the two alarms go.
   * @default - nowhere, until `notify` is called; the queue of a service of the product tells the product's own topic
   */
  readonly alarmTopic?: sns.ITopic;
}

/** What the queue hides a job for beyond the worker's time-out: time to give up and to say so. */
const VISIBILITY_MARGIN = Duration.minutes(1);

/** The longest that Amazon SQS hides a message. */
const LONGEST_VISIBILITY = Duration.hours(12);

const LONGEST_DELAY = Duration.minutes(15);

const KEY_FROM_ELSEWHERE = {
  id: 'ControlTower::CT.SQS.PR.2',
  reason:
    'The control wants queues encrypted, and takes only a key that it can read as a text or that is an AWS::KMS::Key of the same ' +
    "template. This queue has a customer key that is named by a reference: a replica of the product's key in this Region, or a key " +
    'of another stack.',
};

/**
 * Jobs that can wait: a queue for the workers, and a second one for the jobs that failed too often.
 *
 * A standard queue: jobs may come twice and out of order, so workers must bear that. A FIFO queue is not on offer, because
 * `FifoQueue` is create-only (AWS::SQS::Queue) and changing it later would replace the queue with the jobs in it.
 * For the same reason the queues have no names of their own.
 *
 * @throws if `maxReceiveCount` is no whole number from 1 to 1000, or `jobTimeout` or `deliveryDelay` is too long
 */
export class JobQueue extends Construct {
  /** The queue the workers read. */
  public readonly queue: sqs.Queue;
  /** How long a worker may take for one job. */
  public readonly jobTimeout: Duration;
  /** Jobs that failed `maxReceiveCount` times. */
  public readonly deadLetterQueue: sqs.Queue;
  /** Rings when the oldest job has waited longer than `maxJobAge`. */
  public readonly jobAgeAlarm: cloudwatch.Alarm;
  /** Rings when any job has failed for good. */
  public readonly failedJobsAlarm: cloudwatch.Alarm;
  private isHeard = false;

  constructor(scope: Construct, id: string, props: JobQueueProps = {}) {
    super(scope, id);
    const maxReceiveCount = props.maxReceiveCount ?? 5;
    if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1000) {
      throw new Error(`maxReceiveCount must be a whole number from 1 to 1000, got: ${maxReceiveCount}`);
    }
    this.jobTimeout = props.jobTimeout ?? Duration.minutes(5);
    const visibilityTimeout = this.jobTimeout.plus(VISIBILITY_MARGIN);
    if (!this.jobTimeout.isUnresolved() && visibilityTimeout.toSeconds() > LONGEST_VISIBILITY.toSeconds()) {
      const most = LONGEST_VISIBILITY.minus(VISIBILITY_MARGIN).toSeconds();
      throw new Error(
        `jobTimeout must be at most ${most} seconds, got: ${this.jobTimeout.toSeconds()}, cut the job into shorter ones (Amazon SQS hides no message longer than 12 hours)`,
      );
    }
    const { deliveryDelay } = props;
    if (deliveryDelay && !deliveryDelay.isUnresolved() && deliveryDelay.toSeconds() > LONGEST_DELAY.toSeconds()) {
      throw new Error(
        `deliveryDelay must be at most 900 seconds, got: ${deliveryDelay.toSeconds()}, schedule the job instead (Amazon SQS delays no message longer than 15 minutes)`,
      );
    }
    const common: sqs.QueueProps = {
      encryption: props.encryptionKey ? sqs.QueueEncryption.KMS : sqs.QueueEncryption.SQS_MANAGED,
      encryptionMasterKey: props.encryptionKey,
      enforceSSL: true,
    };

    // A moved job keeps the date it was first sent on, so its time here is what the first queue left of it (Amazon SQS developer
    // guide, dead-letter queues): the longest there is.
    this.deadLetterQueue = new sqs.Queue(this, 'DeadLetterQueue', {
      ...common,
      retentionPeriod: Duration.days(14),
      // Says what the queue is for (CT.SQS.PR.1). Not `byQueue`: that names the queue which in turn names this one.
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.ALLOW_ALL },
    });
    this.queue = new sqs.Queue(this, 'Queue', {
      ...common,
      visibilityTimeout,
      retentionPeriod: props.retention ?? Duration.days(4),
      deliveryDelay,
      // Long polling: an idle worker asks three times a minute instead of without pause.
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount },
    });
    // CDK's default for queues is Delete.
    retain(this.queue);
    retain(this.deadLetterQueue);
    this.acknowledgePolicies(props);

    this.jobAgeAlarm = this.metricOldestJobAge().createAlarm(this, 'JobAgeAlarm', {
      alarmDescription: 'Jobs wait too long: add workers, or see why they fail',
      threshold: (props.maxJobAge ?? Duration.minutes(15)).toSeconds(),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.failedJobsAlarm = this.metricFailedJobs().createAlarm(this, 'FailedJobsAlarm', {
      alarmDescription: 'Jobs failed for good: read them in the dead-letter queue, then send them back',
      threshold: 0,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (props.alarmTopic) this.notify(props.alarmTopic);
  }

  /** Sends both alarms, and their end, to a topic, unless they go to one already. */
  public notify(alarmTopic: sns.ITopic): void {
    if (this.isHeard) return;
    this.isHeard = true;
    for (const alarm of [this.jobAgeAlarm, this.failedJobsAlarm]) tellTopic(alarm, alarmTopic);
  }

  private acknowledgePolicies({ encryptionKey }: JobQueueProps): void {
    acknowledge(this.deadLetterQueue, {
      id: 'Serverless::Serverless-SQSRedrivePolicy',
      reason:
        'The rule wants a place for messages that nobody can work off. This queue is that place: its messages are read by people, ' +
        'who are called by an alarm at the first one, and wait for 14 days, the longest that Amazon SQS offers.',
    });
    if (!encryptionKey || keyOfTemplate(this.queue, encryptionKey)) return;
    for (const queue of [this.queue, this.deadLetterQueue]) acknowledge(queue, KEY_FROM_ELSEWHERE);
  }

  /** Lets a principal add jobs. */
  public grantSend(grantee: iam.IGrantable): iam.Grant {
    return this.grant(
      grantee,
      ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'],
      ['kms:Decrypt', 'kms:GenerateDataKey'],
    );
  }

  /** Lets a principal take jobs and strike them off. */
  public grantConsume(grantee: iam.IGrantable): iam.Grant {
    const actions = [
      'sqs:ReceiveMessage',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
    ];
    return this.grant(grantee, actions, ['kms:Decrypt']);
  }

  /**
   * Lets a principal send failed jobs back to the workers (`aws sqs start-message-move-task`), once what made them fail is repaired.
   */
  public grantRedrive(grantee: iam.IGrantable): iam.Grant {
    const take = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
    const move = ['StartMessageMoveTask', 'ListMessageMoveTasks', 'CancelMessageMoveTask'];
    return this.grant(grantee, ['sqs:SendMessage'], ['kms:Decrypt', 'kms:GenerateDataKey']).combine(
      iam.Grant.addToPrincipal({
        grantee,
        actions: [...move, ...take].map((action) => `sqs:${action}`),
        resourceArns: [this.deadLetterQueue.queueArn],
      }),
    );
  }

  /** Not the queue's own grants, which allow the key's actions by wildcard. */
  private grant(grantee: iam.IGrantable, actions: string[], keyActions: string[]): iam.Grant {
    this.queue.encryptionMasterKey?.grant(grantee, ...keyActions);
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.queue.queueArn] });
  }

  /** Jobs that wait for a worker; by default the greatest number of a minute. */
  public metricBacklog(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum', ...props });
  }

  /** Jobs that workers have in hand; by default the greatest number of a minute. */
  public metricInHand(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateNumberOfMessagesNotVisible({
      period: Duration.minutes(1),
      statistic: 'Maximum',
      ...props,
    });
  }

  /** Age of the oldest waiting job, in seconds; by default the greatest of five minutes. */
  public metricOldestJobAge(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5), statistic: 'Maximum', ...props });
  }

  /** Jobs in the dead-letter queue; by default the greatest number of five minutes. */
  public metricFailedJobs(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(5),
      statistic: 'Maximum',
      ...props,
    });
  }
}
