import { CfnDeletionPolicy, CfnResource } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { retain } from '../../../lib/blocks/operations/retain';
import { testStack } from '../../stacks';

const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };

describe('retaining', () => {
  test('keeps an L2, whose default is to delete', () => {
    const stack = testStack();
    retain(new sqs.Queue(stack, 'Queue'));
    Template.fromStack(stack).hasResource('AWS::SQS::Queue', KEPT);
  });

  test('keeps an L1', () => {
    const stack = testStack();
    retain(new sqs.CfnQueue(stack, 'Queue'));
    Template.fromStack(stack).hasResource('AWS::SQS::Queue', KEPT);
  });

  test('overrules what was said before', () => {
    const stack = testStack();
    const queue = new sqs.CfnQueue(stack, 'Queue');
    queue.cfnOptions.deletionPolicy = CfnDeletionPolicy.DELETE;
    queue.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.SNAPSHOT;
    retain(queue);
    Template.fromStack(stack).hasResource('AWS::SQS::Queue', KEPT);
  });

  test.each([
    'AWS::Backup::BackupVault',
    'AWS::ElastiCache::GlobalReplicationGroup',
    'AWS::ElastiCache::User',
    'AWS::ElastiCache::UserGroup',
    'AWS::MSK::Cluster',
    'AWS::MSK::Configuration',
    'AWS::RedshiftServerless::Namespace',
    'AWS::SES::EmailIdentity',
  ])('keeps %s, which needs a name, but for a failed first deploy', (type) => {
    const stack = testStack();
    retain(new CfnResource(stack, 'Named', { type }));
    Template.fromStack(stack).hasResource(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('keeps a log group that has a name, but for a failed first deploy, and one without a name always', () => {
    const stack = testStack();
    retain(new logs.LogGroup(stack, 'Named', { logGroupName: '/aws/vendedlogs/shop' }));
    retain(new logs.LogGroup(stack, 'Unnamed'));
    const template = Template.fromStack(stack);
    template.resourcePropertiesCountIs('AWS::Logs::LogGroup', { LogGroupName: '/aws/vendedlogs/shop' }, 1);
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { LogGroupName: '/aws/vendedlogs/shop' },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    template.hasResource('AWS::Logs::LogGroup', { Properties: { LogGroupName: Match.absent() }, ...KEPT });
  });

  test('fails for what has no resource: a group of constructs, or something imported', () => {
    const stack = testStack();
    expect(() => retain(new Construct(stack, 'Group'))).toThrow(
      new Error('Shop/Group has no CloudFormation resource of its own to retain'),
    );
    const theirs = sqs.Queue.fromQueueArn(stack, 'Theirs', 'arn:aws:sqs:us-east-1:123456789012:theirs');
    expect(() => retain(theirs)).toThrow(new Error('Shop/Theirs has no CloudFormation resource of its own to retain'));
  });
});
