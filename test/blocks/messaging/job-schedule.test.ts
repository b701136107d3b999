import { Duration, type Stack, TimeZone } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { JobQueue } from '../../../lib/blocks/messaging/job-queue';
import { type JobScheduleOptions, JobSchedules } from '../../../lib/blocks/messaging/job-schedule';
import { testStack } from '../../stacks';
import { losses, templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

const NIGHTLY = ScheduleExpression.cron({ hour: '4', minute: '0', timeZone: TimeZone.EUROPE_BERLIN });

const scheduled =
  (options: Partial<JobScheduleOptions> = {}, ...more: string[]) =>
  (stack: Stack) => {
    const { key: encryptionKey } = new DataKey(stack, 'DataKey');
    const queue = new JobQueue(stack, 'Jobs', { encryptionKey });
    const schedules = new JobSchedules(stack, 'Schedules', { encryptionKey });
    for (const id of ['Report', ...more]) schedules.add(id, { queue, at: NIGHTLY, ...options });
  };

const QUEUE = { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsQueue'), 'Arn'] };
const DEAD = { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsDeadLetterQueue'), 'Arn'] };

describe('job schedules', () => {
  test('make nothing until there is a schedule', () => {
    expect(templateOf((stack) => void new JobSchedules(stack, 'Schedules')).toJSON().Resources).toBeUndefined();
  });

  test('put a job into the queue, with its name and time, which a second delivery carries too', () => {
    templateOf(scheduled({ input: { kind: 'daily' } })).hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: Match.absent(),
      GroupName: { Ref: Match.stringLikeRegexp('^SchedulesGroup') },
      ScheduleExpression: 'cron(0 4 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataKey'), 'Arn'] },
      Target: {
        Arn: QUEUE,
        Input: '{"schedule":"Report","scheduledTime":"<aws.scheduler.scheduled-time>","input":{"kind":"daily"}}',
        DeadLetterConfig: { Arn: DEAD },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 },
      },
    });
  });

  test('can be spread, paused, and tried longer', () => {
    const options = { flexibleWindow: Duration.minutes(30), retryFor: Duration.days(1), paused: true };
    templateOf(scheduled(options)).hasResourceProperties('AWS::Scheduler::Schedule', {
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 30 },
      State: 'DISABLED',
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 86400 } },
    });
  });

  test('share a group, and a role that is good for the queues they fill', () => {
    const template = templateOf(scheduled({}, 'Cleaning'));
    template.resourceCountIs('AWS::Scheduler::Schedule', 2);
    template.resourceCountIs('AWS::Scheduler::ScheduleGroup', 1);
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
          },
        ],
      },
    });
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const resources = JSON.stringify(policy.Properties.PolicyDocument.Statement);
    expect(resources).not.toContain('*');
  });

  test('change in place, and come and go without a loss', () => {
    expect(losses(scheduled(), scheduled({ at: ScheduleExpression.rate(Duration.hours(1)), paused: true }))).toEqual([]);
    expect(losses(scheduled(), scheduled({}, 'Cleaning'))).toEqual([]);
  });

  test('refuse what Amazon EventBridge Scheduler refuses', () => {
    expect(() => templateOf(scheduled({ flexibleWindow: Duration.days(2) }))).toThrow(
      'flexibleWindow must be whole minutes from 1 to 1440, got 2880 minutes: write it as in Duration.minutes(15)',
    );
    expect(() => templateOf(scheduled({ retryFor: Duration.seconds(90) }))).toThrow(
      'retryFor must be whole minutes from 1 to 1440, got 1.5 minutes: write it as in Duration.minutes(15)',
    );
  });

  test('break no policy', () => {
    const stack = testStack();
    scheduled()(stack);
    expect(everyPack(stack.node.findChild('Schedules'))).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
    Template.fromStack(stack);
  });
});
