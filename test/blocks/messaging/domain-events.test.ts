import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { DomainEvents } from '../../../lib/blocks/messaging/domain-events';
import { JobQueue } from '../../../lib/blocks/messaging/job-queue';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

describe('domain events', () => {
  test('keep their topic and encrypt it, with or without a key', () => {
    const template = templateOf((stack) => new DomainEvents(stack, 'Events'));
    template.hasResource('AWS::SNS::Topic', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { KmsMasterKeyId: 'alias/aws/sns', TopicName: Match.absent(), FifoTopic: Match.absent() },
    });
    template.hasResourceProperties('AWS::Events::EventBus', { Name: Match.stringLikeRegexp('^Shop-Events-[0-9A-F]{8}$') });
    templateOf((stack) => new DomainEvents(stack, 'Events', { encryptionKey: new kms.Key(stack, 'Key') })).hasResourceProperties(
      'AWS::SNS::Topic',
      { KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('Key'), 'Arn'] } },
    );
  });

  test('take a key, subscribers and routes in place', () => {
    expect(
      losses(
        (stack) => new DomainEvents(stack, 'Events'),
        (stack) => {
          const events = new DomainEvents(stack, 'Events', { encryptionKey: new kms.Key(stack, 'Key') });
          const { queue } = new JobQueue(stack, 'Jobs');
          events.addQueueSubscriber('ToJobs', queue);
          events.addQueueRoute('OrdersToJobs', { source: ['orders'] }, queue);
        },
      ),
    ).toEqual([]);
  });

  test('reach a queue that is encrypted with the same key, without waiting for each other in a circle', () => {
    const stack = testStack();
    const { key: encryptionKey } = new DataKey(stack, 'DataKey');
    const { queue } = new JobQueue(stack, 'Jobs', { encryptionKey });
    const events = new DomainEvents(stack, 'Events', { encryptionKey });
    events.addQueueSubscriber('ToJobs', queue);
    events.addQueueRoute('OrdersToJobs', { source: ['orders'] }, queue);
    // Template.fromStack refuses circles.
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'sqs', RawMessageDelivery: true });
    const delivery = (service: string, source: unknown) =>
      Match.objectLike({
        Principal: { Service: service },
        Action: 'sqs:SendMessage',
        Condition: { ArnEquals: { 'aws:SourceArn': source } },
      });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          delivery('sns.amazonaws.com', { Ref: Match.stringLikeRegexp('^EventsTopic') }),
          delivery('events.amazonaws.com', { 'Fn::GetAtt': [Match.stringLikeRegexp('^EventsOrdersToJobs'), 'Arn'] }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: { Ref: Match.stringLikeRegexp('^EventsBus') },
      EventPattern: { source: ['orders'] },
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsQueue'), 'Arn'] } })],
    });
  });

  test('leave what they cannot deliver with the dead letters of the queue, which let them, and its key too', () => {
    const stack = testStack();
    const { queue } = new JobQueue(stack, 'Jobs', { encryptionKey: new kms.Key(stack, 'Key') });
    const events = new DomainEvents(stack, 'Events');
    events.addQueueSubscriber('ToJobs', queue);
    events.addQueueRoute('OrdersToJobs', { source: ['orders'] }, queue);
    const template = Template.fromStack(stack);
    const deadLetters = { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsDeadLetterQueue'), 'Arn'] };
    template.hasResourceProperties('AWS::SNS::Subscription', { RedrivePolicy: { deadLetterTargetArn: deadLetters } });
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: deadLetters } })],
    });
    const from = (service: string) =>
      Match.objectLike({ Action: 'sqs:SendMessage', Principal: { Service: service }, Resource: deadLetters });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: Match.stringLikeRegexp('^JobsDeadLetterQueue') }],
      PolicyDocument: { Statement: Match.arrayWith([from('sns.amazonaws.com'), from('events.amazonaws.com')]) },
    });
  });

  test('leave what they cannot deliver nowhere where the queue has no dead letters', () => {
    const stack = testStack();
    const events = new DomainEvents(stack, 'Events');
    const queue = sqs.Queue.fromQueueArn(stack, 'Queue', 'arn:aws:sqs:us-east-1:123456789012:jobs');
    events.addQueueSubscriber('ToJobs', queue);
    events.addQueueRoute('OrdersToJobs', { source: ['orders'] }, queue);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::SNS::Subscription', { RedrivePolicy: Match.absent() });
    template.hasResourceProperties('AWS::Events::Rule', { Targets: [{ DeadLetterConfig: Match.absent() }] });
  });

  test('take the dead letters of a queue in place', () => {
    const subscribed = (deadLetterQueue?: boolean) => (stack: Parameters<typeof nagFindings>[0]) => {
      const last = new sqs.Queue(stack, 'Last', { removalPolicy: RemovalPolicy.RETAIN });
      const queue = new sqs.Queue(stack, 'Queue', {
        removalPolicy: RemovalPolicy.RETAIN,
        deadLetterQueue: deadLetterQueue ? { queue: last, maxReceiveCount: 5 } : undefined,
      });
      new DomainEvents(stack, 'Events').addQueueSubscriber('ToJobs', queue);
    };
    expect(losses(subscribed(), subscribed(true))).toEqual([]);
  });

  test('open the key of a queue that only the queue knows, for this account', () => {
    const stack = testStack();
    const { queue } = new JobQueue(stack, 'Jobs', { encryptionKey: new kms.Key(stack, 'Key') });
    new DomainEvents(stack, 'Events').addQueueSubscriber('ToJobs', queue);
    Template.fromStack(stack).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { Service: Match.arrayWith(['sns.amazonaws.com']) },
            Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
          }),
        ]),
      },
    });
  });

  test('can be chosen by attribute', () => {
    const stack = testStack();
    const { queue } = new JobQueue(stack, 'Jobs');
    const filterPolicy = { kind: sns.SubscriptionFilter.stringFilter({ allowlist: ['order-paid'] }) };
    new DomainEvents(stack, 'Events').addQueueSubscriber('ToJobs', queue, { filterPolicy });
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::Subscription', { FilterPolicy: { kind: ['order-paid'] } });
  });

  test('let a publisher publish to topic and bus, and use the key', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    new DomainEvents(stack, 'Events', { encryptionKey: new kms.Key(stack, 'Key') }).grantPublish(role);
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    const actions = policy.Properties.PolicyDocument.Statement.flatMap(
      (statement: { Action: string | string[] }) => statement.Action,
    );
    expect(actions.sort()).toEqual(['events:PutEvents', 'kms:Decrypt', 'kms:GenerateDataKey', 'sns:Publish']);
  });

  test('are not changed by feature flags', () => {
    const build = (stack: Parameters<typeof nagFindings>[0]) => {
      const events = new DomainEvents(stack, 'Events');
      events.addQueueSubscriber('ToJobs', new JobQueue(stack, 'Jobs').queue);
    };
    expect(flagDependent(build, 'AWS::SNS::Topic', 'AWS::Events::EventBus', 'AWS::SNS::Subscription')).toEqual([]);
  });

  test('work in a stack without an environment, and break no policy', () => {
    const stack = agnosticStack();
    const events = new DomainEvents(stack, 'Events');
    events.addQueueSubscriber('ToJobs', new JobQueue(stack, 'Jobs').queue);
    expect(nagFindings(stack)).toEqual([]);
  });
});
