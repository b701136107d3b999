import { deadLetterQueueElsewhere } from '../../../lib/review/rules/dead-letter-queue-elsewhere';
import { deadLetterRetention } from '../../../lib/review/rules/dead-letter-retention';
import { queueClosedToSender } from '../../../lib/review/rules/queue-closed-to-sender';
import { queueKeyClosedToSender } from '../../../lib/review/rules/queue-key-closed-to-sender';
import { queueSingleReceive } from '../../../lib/review/rules/queue-single-receive';
import { queueVisibility } from '../../../lib/review/rules/queue-visibility';
import { assembly, attribute, output, ref, resource, stack, testRules, UNKNOWN } from './rule-cases';

const queue = (properties: Record<string, unknown> = {}) => resource('SQS::Queue', properties);
const redrive = (target: unknown, maxReceiveCount: unknown = 5) => ({
  RedrivePolicy: { deadLetterTargetArn: target, maxReceiveCount },
});
const toDead = (maxReceiveCount: unknown = 5) => redrive(attribute('Dead', 'Arn'), maxReceiveCount);
const DAY = 86400;

const subscription = (properties: Record<string, unknown> = {}) =>
  resource('SNS::Subscription', { Protocol: 'sqs', Endpoint: attribute('Jobs', 'Arn'), TopicArn: ref('Topic'), ...properties });
const policy = (Statement: unknown, Queues: unknown = [ref('Jobs')]) =>
  resource('SQS::QueuePolicy', { Queues, PolicyDocument: { Statement } });
const allow = (Service: unknown, Action: unknown = 'sqs:SendMessage') => [
  { Effect: 'Allow', Principal: { Service }, Action, Resource: '*' },
];
const rule = (target: Record<string, unknown> = {}) =>
  resource('Events::Rule', { Targets: [{ Id: 'a', Arn: attribute('Jobs', 'Arn'), ...target }] });
const key = (Statement: unknown) => resource('KMS::Key', { KeyPolicy: { Statement } });
const sealed = (id: unknown = attribute('Key', 'Arn')) => ({ Jobs: queue({ KmsMasterKeyId: id }), Subscription: subscription() });
const OWNER = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*', Resource: '*' };

testRules([
  {
    rule: deadLetterQueueElsewhere,
    passes: {
      'a queue beside it': { Jobs: queue(toDead()), Dead: queue() },
      'an ARN of its Region': { Jobs: queue(redrive('arn:aws:sqs:us-east-1:123456789012:dead')) },
      'a queue that is not known': { Jobs: queue(redrive(UNKNOWN)) },
      'a queue of no known Region': assembly(
        stack({ Jobs: queue(redrive('arn:aws:sqs:eu-west-1:1:dead')) }, { region: 'unknown-region', account: '1' }),
      ),
      'two kinds in one template, which CloudFormation-Validate sees': {
        Jobs: queue({ FifoQueue: true, ...toDead() }),
        Dead: queue(),
      },
    },
    fails: {
      'an ARN of another Region': {
        in: { Jobs: queue(redrive('arn:aws:sqs:eu-west-1:123456789012:dead')) },
        at: ['Jobs RedrivePolicy: it is in us-east-1, its dead-letter queue in eu-west-1'],
      },
      'an ARN of another account': {
        in: { Jobs: queue(redrive('arn:aws:sqs:us-east-1:999999999999:dead')) },
        at: ['Jobs RedrivePolicy: its dead-letter queue is in account 999999999999'],
      },
      'a queue of another Region': {
        in: assembly(
          stack({ Jobs: queue(redrive(output('Away', 'us-west-2', 'DeadArn'))) }),
          stack(
            { Dead: queue() },
            { stackName: 'Away', region: 'us-west-2', sections: { Outputs: { DeadArn: { Value: attribute('Dead', 'Arn') } } } },
          ),
        ),
        at: ['Jobs RedrivePolicy: it is in us-east-1, its dead-letter queue in us-west-2'],
      },
      itself: { in: { Dead: queue(toDead()) }, at: ['Dead RedrivePolicy: it is its own dead-letter queue'] },
      'a queue of another kind elsewhere': {
        in: { Jobs: queue({ FifoQueue: true, ...redrive('arn:aws:sqs:us-east-1:123456789012:dead') }) },
        at: ['Jobs RedrivePolicy: it is FIFO, its dead-letter queue is not'],
      },
    },
  },
  {
    rule: deadLetterRetention,
    passes: {
      longer: {
        Jobs: queue({ MessageRetentionPeriod: 4 * DAY, ...toDead() }),
        Dead: queue({ MessageRetentionPeriod: 14 * DAY }),
      },
      'both for as long as can be': {
        Jobs: queue({ MessageRetentionPeriod: 14 * DAY, ...toDead() }),
        Dead: queue({ MessageRetentionPeriod: 14 * DAY }),
      },
      'FIFO, whose messages start anew': { Jobs: queue({ FifoQueue: true, ...toDead() }), Dead: queue({ FifoQueue: true }) },
      'a period that is not known': { Jobs: queue(toDead()), Dead: queue({ MessageRetentionPeriod: UNKNOWN }) },
    },
    fails: {
      'the same': {
        in: { Jobs: queue(toDead()), Dead: queue() },
        at: ['Dead MessageRetentionPeriod: it keeps them for 345600 s, its source Jobs for 345600 s'],
      },
      'shorter, by a policy that is JSON': {
        in: {
          Jobs: queue({
            RedrivePolicy: { 'Fn::Join': ['', ['{"maxReceiveCount":5,"deadLetterTargetArn":"', attribute('Dead', 'Arn'), '"}']] },
          }),
          Dead: queue({ MessageRetentionPeriod: 60 }),
        },
        at: ['Dead MessageRetentionPeriod: it keeps them for 60 s, its source Jobs for 345600 s'],
      },
    },
  },
  {
    rule: queueSingleReceive,
    passes: {
      'five attempts': { Jobs: queue(toDead()) },
      'a number that is not known': { Jobs: queue(toDead(UNKNOWN)) },
      'no dead-letter queue': { Jobs: queue() },
    },
    fails: { 'one attempt': { in: { Jobs: queue(toDead('1')) }, at: ['Jobs RedrivePolicy.maxReceiveCount'] } },
  },
  {
    rule: queueVisibility,
    passes: {
      'six times': reading(360, 60),
      'the defaults': reading(undefined, undefined),
      'a time-out that is not known': reading(10, UNKNOWN),
    },
    fails: {
      twice: { in: reading(120, 60), at: ['Jobs VisibilityTimeout: it is 120 s, Work may run for 60 s'] },
      'the default, of a slow function': {
        in: reading(undefined, '20'),
        at: ['Jobs VisibilityTimeout: it is 30 s, Work may run for 20 s'],
      },
    },
  },
  {
    rule: queueClosedToSender,
    passes: {
      'a policy that lets the topic send': {
        Jobs: queue(),
        Subscription: subscription(),
        Policy: policy(allow('sns.amazonaws.com')),
      },
      'a policy of a wildcard': { Jobs: queue(), Rule: rule(), Policy: policy(allow('events.amazonaws.com', 'sqs:Send*')) },
      'a policy for anybody': {
        Jobs: queue(),
        Subscription: subscription(),
        Policy: policy([{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }]),
      },
      'a rule that has a role': { Jobs: queue(), Rule: rule({ RoleArn: 'arn:aws:iam::123456789012:role/x' }) },
      'a queue from elsewhere': { Subscription: subscription({ Endpoint: 'arn:aws:sqs:us-east-1:1:x' }) },
      'a policy for queues that are not known': {
        Jobs: queue(),
        Subscription: subscription(),
        Policy: policy(allow('x'), UNKNOWN),
      },
      mail: { Jobs: queue(), Subscription: subscription({ Protocol: 'email', Endpoint: 'a@b.example' }) },
    },
    fails: {
      'no policy': {
        in: { Jobs: queue(), Subscription: subscription() },
        at: ['Subscription Endpoint: no policy of Jobs lets sns.amazonaws.com send'],
      },
      'a policy for another service': {
        in: { Jobs: queue(), Rule: rule(), Policy: policy(allow('sns.amazonaws.com')) },
        at: ['Rule Targets.0.Arn: no policy of Jobs lets events.amazonaws.com send'],
      },
      'a policy of another queue': {
        in: {
          Jobs: queue(),
          Dead: queue(),
          Subscription: subscription(),
          Policy: policy(allow('sns.amazonaws.com'), [ref('Dead')]),
        },
        at: ['Subscription Endpoint: no policy of Jobs lets sns.amazonaws.com send'],
      },
      'a policy that denies': {
        in: {
          Jobs: queue(),
          Subscription: subscription(),
          Policy: policy([{ ...allow('sns.amazonaws.com')[0], Effect: 'Deny' }]),
        },
        at: ['Subscription Endpoint: no policy of Jobs lets sns.amazonaws.com send'],
      },
      'dead letters of a rule and of a subscription': {
        in: {
          Jobs: queue(),
          Dead: queue(),
          Policy: policy(allow(['sns.amazonaws.com', 'events.amazonaws.com'])),
          Rule: rule({ DeadLetterConfig: { Arn: attribute('Dead', 'Arn') } }),
          Subscription: subscription({ RedrivePolicy: { deadLetterTargetArn: attribute('Dead', 'Arn') } }),
        },
        at: [
          'Rule Targets.0.DeadLetterConfig.Arn: no policy of Dead lets events.amazonaws.com send',
          'Subscription RedrivePolicy.deadLetterTargetArn: no policy of Dead lets sns.amazonaws.com send',
        ],
      },
      'a bucket': {
        in: {
          Jobs: queue(),
          Uploads: resource('S3::Bucket', {
            NotificationConfiguration: { QueueConfigurations: [{ Queue: attribute('Jobs', 'Arn') }] },
          }),
        },
        at: ['Uploads NotificationConfiguration.QueueConfigurations.0.Queue: no policy of Jobs lets s3.amazonaws.com send'],
      },
    },
  },
  {
    rule: queueKeyClosedToSender,
    passes: {
      'a key that lets the topic in': {
        ...sealed(),
        Key: key([OWNER, ...allow('sns.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'])]),
      },
      'a key from elsewhere': sealed('arn:aws:kms:us-east-1:123456789012:key/x'),
      'a key of SQS itself': sealed(undefined),
      'a policy that is not known': { ...sealed(), Key: resource('KMS::Key', { KeyPolicy: UNKNOWN }) },
      'a queue that nobody sends to': { Jobs: queue({ KmsMasterKeyId: 'alias/aws/sqs' }) },
    },
    fails: {
      'the AWS managed key': {
        in: sealed('alias/aws/sqs'),
        at: ['Jobs KmsMasterKeyId: sns.amazonaws.com may not use alias/aws/sqs'],
      },
      'a key for its owner alone': {
        in: { ...sealed(), Key: key([OWNER]) },
        at: ['Jobs KmsMasterKeyId: the policy of Key does not let sns.amazonaws.com in'],
      },
      'a key behind an alias that may only decrypt': {
        in: {
          ...sealed(ref('Alias')),
          Alias: resource('KMS::Alias', { TargetKeyId: ref('Key') }),
          Key: key([OWNER, ...allow('sns.amazonaws.com', 'kms:Decrypt')]),
        },
        at: ['Jobs KmsMasterKeyId: the policy of Key does not let sns.amazonaws.com in'],
      },
    },
  },
]);

function reading(VisibilityTimeout: unknown, Timeout: unknown) {
  return {
    Jobs: queue({ VisibilityTimeout }),
    Work: resource('Lambda::Function', { Timeout }),
    Mapping: resource('Lambda::EventSourceMapping', { FunctionName: ref('Work'), EventSourceArn: attribute('Jobs', 'Arn') }),
  };
}
