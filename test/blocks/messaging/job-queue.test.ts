import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { JobQueue } from '../../../lib/blocks/messaging/job-queue';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

describe('a job queue', () => {
  test('keeps failed jobs longer than waiting ones, and both queues for good', () => {
    const template = templateOf((stack) => new JobQueue(stack, 'Jobs'));
    template.resourceCountIs('AWS::SQS::Queue', 2);
    template.allResources('AWS::SQS::Queue', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 345600,
      VisibilityTimeout: 360,
      RedrivePolicy: { maxReceiveCount: 5, deadLetterTargetArn: Match.anyValue() },
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 1209600,
      RedrivePolicy: Match.absent(),
      RedriveAllowPolicy: { redrivePermission: 'allowAll' },
    });
  });

  test('is a standard queue without a name of its own', () => {
    const template = templateOf((stack) => new JobQueue(stack, 'Jobs'));
    template.allResourcesProperties('AWS::SQS::Queue', { QueueName: Match.absent(), FifoQueue: Match.absent() });
  });

  test('refuses plain HTTP and is encrypted, with or without a key', () => {
    const template = templateOf((stack) => new JobQueue(stack, 'Jobs'));
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
    template.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      },
    });
    templateOf((stack) => new JobQueue(stack, 'Jobs', { encryptionKey: new kms.Key(stack, 'Key') })).allResourcesProperties(
      'AWS::SQS::Queue',
      { KmsMasterKeyId: Match.anyValue() },
    );
  });

  test('takes a key, other times and another number of tries in place', () => {
    expect(
      losses(
        (stack) => new JobQueue(stack, 'Jobs'),
        (stack) =>
          new JobQueue(stack, 'Jobs', {
            encryptionKey: new kms.Key(stack, 'Key'),
            jobTimeout: Duration.hours(1),
            retention: Duration.days(14),
            maxReceiveCount: 2,
            maxJobAge: Duration.hours(1),
            alarmTopic: new sns.Topic(stack, 'Topic'),
          }),
      ),
    ).toEqual([]);
  });

  test('hides a job a minute longer than a worker may take for it', () => {
    const stack = testStack();
    const jobs = new JobQueue(stack, 'Jobs', { jobTimeout: Duration.minutes(20) });
    expect(jobs.jobTimeout.toSeconds()).toBe(1200);
    Template.fromStack(stack).hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 1260 });
  });

  test('refuses a job that Amazon SQS could not hide long enough', () => {
    new JobQueue(testStack(), 'Jobs', { jobTimeout: Duration.seconds(43140) });
    expect(() => new JobQueue(testStack(), 'Jobs', { jobTimeout: Duration.hours(12) })).toThrow(
      'jobTimeout must be at most 43140 seconds, got: 43200, cut the job into shorter ones (Amazon SQS hides no message longer than 12 hours)',
    );
  });

  test('is not changed by feature flags', () => {
    expect(flagDependent((stack) => new JobQueue(stack, 'Jobs'), 'AWS::SQS::Queue')).toEqual([]);
  });

  test('rings for old and for failed jobs, where told to', () => {
    const stack = testStack();
    new JobQueue(stack, 'Jobs', { maxJobAge: Duration.minutes(3), alarmTopic: new sns.Topic(stack, 'Topic') });
    const template = Template.fromStack(stack);
    const actions = { AlarmActions: [Match.anyValue()], OKActions: [Match.anyValue()], TreatMissingData: 'notBreaching' };
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 3,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 180,
      ...actions,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      Dimensions: [
        {
          Name: 'QueueName',
          Value: Match.objectLike({ 'Fn::GetAtt': [Match.stringLikeRegexp('DeadLetterQueue'), 'QueueName'] }),
        },
      ],
      ...actions,
    });
  });

  test('lets one principal send and another consume, and no more', () => {
    const stack = testStack();
    const jobs = new JobQueue(stack, 'Jobs');
    const role = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    jobs.grantSend(role('Sender'));
    jobs.grantConsume(role('Worker'));
    const statements = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).map(
      ({ Properties }) => Properties.PolicyDocument.Statement[0].Action,
    );
    expect(statements[0]).toContain('sqs:SendMessage');
    expect(statements[0]).not.toContain('sqs:ReceiveMessage');
    expect(statements[1]).toContain('sqs:ReceiveMessage');
    expect(statements[1]).not.toContain('sqs:SendMessage');
  });

  test('lets a principal send failed jobs back, from the one queue to the other', () => {
    const stack = testStack();
    const jobs = new JobQueue(stack, 'Jobs', { encryptionKey: new kms.Key(stack, 'Key') });
    jobs.grantRedrive(new iam.Role(stack, 'Support', { assumedBy: new iam.ServicePrincipal('ssm.amazonaws.com') }));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] }),
          Match.objectLike({
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsQueue'), 'Arn'] },
          }),
          Match.objectLike({
            Action: [
              'sqs:StartMessageMoveTask',
              'sqs:ListMessageMoveTasks',
              'sqs:CancelMessageMoveTask',
              'sqs:ReceiveMessage',
              'sqs:DeleteMessage',
              'sqs:GetQueueAttributes',
            ],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsDeadLetterQueue'), 'Arn'] },
          }),
        ],
      },
    });
  });

  test('measures its backlog by the minute', () => {
    const jobs = new JobQueue(testStack(), 'Jobs');
    expect(jobs.metricInHand()).toMatchObject({ metricName: 'ApproximateNumberOfMessagesNotVisible', statistic: 'Maximum' });
    expect(jobs.metricBacklog()).toMatchObject({ metricName: 'ApproximateNumberOfMessagesVisible', statistic: 'Maximum' });
    expect(jobs.metricBacklog().period.toSeconds()).toBe(60);
    expect(jobs.metricBacklog({ period: Duration.minutes(5) }).period.toSeconds()).toBe(300);
  });

  test.each([0, 1001, 1.5, Number.NaN])('refuses %p tries', (maxReceiveCount) => {
    expect(() => new JobQueue(testStack(), 'Jobs', { maxReceiveCount })).toThrow(
      `maxReceiveCount must be a whole number from 1 to 1000, got: ${maxReceiveCount}`,
    );
  });

  test('works in a stack without an environment, and breaks no policy', () => {
    const stack = agnosticStack();
    new JobQueue(stack, 'Jobs');
    expect(nagFindings(stack)).toEqual([]);
  });
});
