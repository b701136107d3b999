import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { DomainEvents } from '../../../lib/blocks/messaging/domain-events';
import { EventConsumer, type EventConsumerOptions } from '../../../lib/blocks/messaging/event-consumer';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { ACCOUNT, testStack } from '../../stacks';
import { losses, templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

const consumer =
  (options: EventConsumerOptions = {}) =>
  (stack: Stack) =>
    void new DomainEvents(stack, 'Events').addConsumer('Billing', options);

const DEAD = { 'Fn::GetAtt': [Match.stringLikeRegexp('^EventsBillingJobsDeadLetterQueue'), 'Arn'] };

describe('an event consumer', () => {
  test('has a queue of its own with tries, delay, time-out and dead letters', () => {
    const template = templateOf(
      consumer({ tries: 3, delay: Duration.minutes(15), jobTimeout: Duration.minutes(2), retention: Duration.days(7) }),
    );
    template.hasResource('AWS::SQS::Queue', {
      DeletionPolicy: 'Retain',
      Properties: {
        DelaySeconds: 900,
        VisibilityTimeout: 180,
        MessageRetentionPeriod: 604800,
        RedrivePolicy: { maxReceiveCount: 3, deadLetterTargetArn: DEAD },
        FifoQueue: Match.absent(),
      },
    });
    template.hasResourceProperties('AWS::SNS::Subscription', {
      RawMessageDelivery: true,
      RedrivePolicy: { deadLetterTargetArn: DEAD },
      FilterPolicy: Match.absent(),
    });
    template.resourceCountIs('AWS::Events::Rule', 0);
  });

  test('tells people of lag and of dead letters', () => {
    const template = templateOf((stack) => {
      const { topic } = new AlarmTopic(stack, 'Alarms');
      new DomainEvents(stack, 'Events').addConsumer('Billing', { alarmTopic: topic, maxLag: Duration.minutes(1) });
    });
    const told = { AlarmActions: [Match.anyValue()], OKActions: [Match.anyValue()] };
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: 60,
      ...told,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 0,
      ...told,
    });
  });

  test('chooses the events of the topic by type, those of the bus by content', () => {
    const template = templateOf(consumer({ eventTypes: ['order-paid'], pattern: { source: ['orders'] } }));
    template.hasResourceProperties('AWS::SNS::Subscription', { FilterPolicy: { eventType: ['order-paid'] } });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['orders'] },
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: DEAD } })],
    });
    templateOf(consumer({ pattern: { source: ['orders'] } })).resourceCountIs('AWS::SNS::Subscription', 0);
  });

  test('changes what it hears and how it is tried in place', () => {
    expect(losses(consumer(), consumer({ eventTypes: ['a'], tries: 9, delay: Duration.seconds(9) }))).toEqual([]);
    expect(losses(consumer({ pattern: { source: ['a'] } }), consumer({ pattern: { source: ['b'] } }))).toEqual([]);
  });

  test('of another stack subscribes there, by weak references, and changes nothing of the events but two outputs', () => {
    const app = new App();
    const env = { account: ACCOUNT, region: 'us-east-1' };
    const product = new Stack(app, 'Shop', { env });
    const eventsOf = (stack: Stack) => new DomainEvents(stack, 'Events', { encryptionKey: new DataKey(stack, 'DataKey').key });
    const events = eventsOf(product);
    const service = new Stack(app, 'Service', { env });
    for (const id of ['One', 'Two']) {
      new EventConsumer(service, id, { events, eventTypes: ['order-paid'], pattern: { source: ['orders'] } });
    }
    expect(service.dependencies).toEqual([product]);
    const after = Template.fromStack(product).toJSON();
    expect(after.Resources).toEqual(templateOf(eventsOf).toJSON().Resources);
    expect(Object.keys(after.Outputs)).toEqual([expect.stringMatching(/OutputTopicArn/), expect.stringMatching(/OutputBusName/)]);
    for (const output of Object.values<Record<string, unknown>>(after.Outputs)) expect(output.Export).toBeUndefined();
    const template = Template.fromStack(service);
    template.resourceCountIs('AWS::SNS::Topic', 0);
    const taken = (name: string) => ({
      'Fn::GetStackOutput': { StackName: 'Shop', Region: 'us-east-1', OutputName: Match.stringLikeRegexp(name) },
    });
    template.hasResourceProperties('AWS::SNS::Subscription', { TopicArn: taken('OutputTopicArn') });
    template.hasResourceProperties('AWS::Events::Rule', { EventBusName: taken('OutputBusName') });
    const text = JSON.stringify(template.toJSON());
    expect(text).not.toMatch(/Fn::(Split|ImportValue)/);
  });

  test('hears events that exist already', () => {
    const stack = testStack();
    const events = DomainEvents.fromAttributes(stack, 'Events', {
      topicArn: `arn:aws:sns:us-east-1:${ACCOUNT}:events`,
      eventBusName: 'events',
    });
    new EventConsumer(stack, 'Billing', { events, pattern: { source: ['orders'] }, eventTypes: ['a'] });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::SNS::Subscription', { TopicArn: `arn:aws:sns:us-east-1:${ACCOUNT}:events` });
    template.hasResourceProperties('AWS::Events::Rule', { EventBusName: 'events' });
  });

  test('refuses what cannot be', () => {
    expect(() => templateOf(consumer({ eventTypes: [] }))).toThrow(
      'eventTypes must name at least one type of event, got none: leave it out to hear every event of the topic',
    );
    expect(() => templateOf(consumer({ delay: Duration.minutes(16) }))).toThrow(
      'deliveryDelay must be at most 900 seconds, got: 960, schedule the job instead (Amazon SQS delays no message longer than 15 minutes)',
    );
  });

  test('breaks no policy', () => {
    const stack = testStack();
    const { key: encryptionKey } = new DataKey(stack, 'Key');
    const { topic: alarmTopic } = new AlarmTopic(stack, 'Alarms', { encryptionKey });
    const events = new DomainEvents(stack, 'Events', { encryptionKey });
    events.addConsumer('Billing', { encryptionKey, alarmTopic, pattern: { source: ['a'] }, eventTypes: ['a'] });
    expect(everyPack(events)).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('the archive of the bus', () => {
  const archived = (days?: number) => (stack: Stack) => {
    const events = new DomainEvents(stack, 'Events', { encryptionKey: new kms.Key(stack, 'Key') });
    if (days !== undefined) events.archive(Duration.days(days));
  };

  test('is kept, for so long, and changes in place', () => {
    templateOf(archived(30)).hasResource('AWS::Events::Archive', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        RetentionDays: 30,
        SourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^EventsBus'), 'Arn'] },
        ArchiveName: Match.absent(),
      },
    });
    expect(losses(archived(), archived(30))).toEqual([]);
    expect(losses(archived(30), archived(365))).toEqual([]);
  });

  test('is there only when asked for, and nothing discovers schemas', () => {
    const template = templateOf(archived());
    template.resourceCountIs('AWS::Events::Archive', 0);
    template.resourceCountIs('AWS::EventSchemas::Discoverer', 0);
  });

  test('takes whole days', () => {
    expect(() => templateOf((stack) => void new DomainEvents(stack, 'Events').archive(Duration.hours(36)))).toThrow(
      'retention must be whole days, at least one, got 1.5 days: write it as in Duration.days(30)',
    );
  });
});
