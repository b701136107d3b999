import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';
import { everyPack } from '../every-pack';

const topic = (stack: Stack) => new AlarmTopic(stack, 'Alarms');
const encrypted = (stack: Stack) => new AlarmTopic(stack, 'Alarms', { encryptionKey: new DataKey(stack, 'DataKey').key });

describe('an alarm topic', () => {
  test('has no name, stays, and has no key unless it is given one', () => {
    templateOf(topic).hasResource('AWS::SNS::Topic', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: Match.absent(),
    });
  });

  test('is encrypted with the key given', () => {
    templateOf(encrypted).hasResourceProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataKey'), 'Arn'] },
    });
    const stack = testStack();
    const arn = `arn:aws:kms:us-east-1:${ACCOUNT}:key/mrk-1`;
    new AlarmTopic(stack, 'Alarms', { encryptionKey: kms.Key.fromKeyArn(stack, 'Theirs', arn) });
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: arn });
  });

  test('gets its key later in place', () => {
    expect(losses(topic, encrypted)).toEqual([]);
  });

  test.each([
    ['with', testStack, ACCOUNT],
    ['without', agnosticStack, { Ref: 'AWS::AccountId' }],
  ])('takes the alarms of its own account, over TLS only, in a stack %s an environment', (_, make, account) => {
    const stack = make();
    topic(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          {
            Sid: 'AlarmsOfThisAccount',
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Resource: { Ref: Match.stringLikeRegexp('^AlarmsTopic') },
            Condition: { StringEquals: { 'aws:SourceAccount': account } },
          },
        ]),
      },
    });
  });

  test('hears of an alarm and of its end', () => {
    const stack = testStack();
    const metric = new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Errors' });
    topic(stack).notify(new cloudwatch.Alarm(stack, 'Alarm', { metric, threshold: 1, evaluationPeriods: 1 }));
    const to = [{ Ref: Match.stringLikeRegexp('^AlarmsTopic') }];
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: to, OKActions: to });
  });

  test('is what every pack wants with a key, and without one leaves it to whoever makes it to say why', () => {
    const [with_, without] = [encrypted, topic].map((make) => everyPack(make(testStack())).open);
    expect(with_).toEqual([]);
    expect(without.map((finding) => finding.replace(/^.*-/, ''))).toEqual(
      Array(4).fill('SNSEncryptedKMS at Shop/Alarms/Topic/Resource'),
    );
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    expect(flagDependent(encrypted, 'AWS::SNS::Topic', 'AWS::SNS::TopicPolicy')).toEqual([]);
  });

  test.each([
    ['with', encrypted],
    ['without', topic],
  ])('passes AwsSolutions %s a key', (_, make) => {
    const stack = testStack();
    make(stack);
    expect(policy(stack)).toEqual(CLEAN);
  });
});
