import { CfnDeletionPolicy, CfnResource, Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';

/**
 * Types that CloudFormation, or who reads them, wants a name for, or that an account has one of. Kept after a failed first deploy, they would make the next try fail with "already
 * exists"; they hold nothing yet then (CloudFormation user guide, DeletionPolicy RetainExceptOnCreate).
 */
const NAMED_TYPES = new Set([
  'AWS::Backup::BackupVault',
  'AWS::Cognito::UserPoolGroup',
  'AWS::ElastiCache::GlobalReplicationGroup',
  'AWS::ElastiCache::User',
  'AWS::ElastiCache::UserGroup',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::GuardDuty::Detector',
  'AWS::MSK::Cluster',
  'AWS::MSK::Configuration',
  'AWS::RedshiftServerless::Namespace',
  'AWS::SES::EmailIdentity',
  'AWS::SecurityHub::Hub',
]);

/**
 * Makes CloudFormation keep a resource when it leaves the template or would be replaced.
 *
 * Needed on every L1 that holds state, and on queues and secrets, whose CDK default is Delete: the *old* template's
 * policy decides what happens on removal, so it has to be there one deploy before anybody removes anything.
 */
export function retain(construct: IConstruct): void {
  const resource = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) {
    throw new Error(`${construct.node.path} has no CloudFormation resource of its own to retain`);
  }
  // A log group only where its service takes no name of CloudFormation's.
  const namedLog = resource instanceof logs.CfnLogGroup && Stack.of(resource).resolve(resource.logGroupName) !== undefined;
  const named = namedLog || NAMED_TYPES.has(resource.cfnResourceType);
  resource.cfnOptions.deletionPolicy = named ? CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE : CfnDeletionPolicy.RETAIN;
  resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
}
