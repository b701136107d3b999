import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { acknowledgeOwnPolicies } from '../operations/own-policies';
import type { JobQueue } from './job-queue';

/** What a schedule does, and when. */
export interface JobScheduleOptions {
  /** Where the job goes: the workers' queue, or a consumer's. */
  readonly queue: JobQueue;
  /** When, in which time zone: `ScheduleExpression.cron`, `.rate` or `.at`. */
  readonly at: scheduler.ScheduleExpression;
  /**
   * What the job is told beside its name and time.
   * @default - nothing
   */
  readonly input?: { [key: string]: string };
  /**
   * Room to spread the start in, whole minutes up to a day.
   * @default - none: it starts within the minute
   */
  readonly flexibleWindow?: Duration;
  /**
   * How long a job that the queue does not take is tried again, from a minute to a day; then it goes to the dead letters of the queue.
   * @default Duration.hours(1)
   */
  readonly retryFor?: Duration;
  /** Whether it rests for now. @default false */
  readonly paused?: boolean;
}

/** Properties of JobSchedules. */
export interface JobSchedulesProps {
  /**
   * Key for the jobs' inputs at rest.
   * @default - a key that AWS owns
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Jobs that come by the clock: Amazon EventBridge Scheduler puts them into a queue. Group and role come with the first schedule.
 *
 * A job is the message `{"schedule": its id here, "scheduledTime": "2026-11-22T04:00:00Z", "input": {...}}`. The scheduler delivers at
 * least once, so a worker takes `schedule` and `scheduledTime` together for the idempotency key: a second delivery carries the same.
 * Further Regions schedule nothing, or each job would run once in every Region.
 *
 * Names are CloudFormation's: a schedule's name and group are create-only (AWS::Scheduler::Schedule), so that changing an id makes
 * another schedule. Costs nothing at rest; 1 USD per million jobs after 14 million a month (Amazon EventBridge pricing).
 */
export class JobSchedules extends Construct {
  private made?: { readonly group: scheduler.CfnScheduleGroup; readonly role: iam.Role };

  constructor(
    scope: Construct,
    id: string,
    private readonly props: JobSchedulesProps = {},
  ) {
    super(scope, id);
  }

  /**
   * Schedules a job.
   * @throws if `flexibleWindow` or `retryFor` is out of range
   */
  public add(id: string, options: JobScheduleOptions): scheduler.CfnSchedule {
    const { queue, at, paused } = options;
    const window = minutesOf('flexibleWindow', options.flexibleWindow);
    const retryFor = minutesOf('retryFor', options.retryFor ?? Duration.hours(1));
    const { group, role } = this.common();
    const { encryptionKey } = this.props;
    queue.grantSend(role);
    const deadLetters = queue.deadLetterQueue;
    iam.Grant.addToPrincipal({ grantee: role, actions: ['sqs:SendMessage'], resourceArns: [deadLetters.queueArn] });
    const schedule = new scheduler.CfnSchedule(this, id, {
      groupName: group.ref,
      scheduleExpression: at.expressionString,
      scheduleExpressionTimezone: at.timeZone?.timezoneName,
      flexibleTimeWindow: window ? { mode: 'FLEXIBLE', maximumWindowInMinutes: window } : { mode: 'OFF' },
      state: paused ? 'DISABLED' : 'ENABLED',
      kmsKeyArn: encryptionKey?.keyArn,
      target: {
        arn: queue.queue.queueArn,
        roleArn: role.roleArn,
        input: Stack.of(this).toJsonString({
          schedule: id,
          scheduledTime: scheduler.ContextAttribute.scheduledTime,
          input: options.input ?? {},
        }),
        deadLetterConfig: { arn: deadLetters.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: (retryFor ?? 0) * 60, maximumRetryAttempts: 185 },
      },
    });
    // What the role may do has to be there before the first run.
    schedule.node.addDependency(role);
    return schedule;
  }

  private common(): { readonly group: scheduler.CfnScheduleGroup; readonly role: iam.Role } {
    if (this.made) return this.made;
    const group = new scheduler.CfnScheduleGroup(this, 'Group');
    const { account } = Stack.of(this);
    const role = new iam.Role(this, 'Role', {
      description: 'Puts scheduled jobs into their queues',
      // The group's ARN would close a circle: schedule, role, group.
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    acknowledgeOwnPolicies(role);
    this.props.encryptionKey?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.made = { group, role };
    return this.made;
  }
}

function minutesOf(prop: string, duration: Duration | undefined): number | undefined {
  if (!duration) return undefined;
  const minutes = duration.isUnresolved() ? 1 : duration.toMinutes({ integral: false });
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 1440) {
    throw new Error(`${prop} must be whole minutes from 1 to 1440, got ${minutes} minutes: write it as in Duration.minutes(15)`);
  }
  return minutes;
}
