import { MORE_STATEFUL_TYPES } from '../../../assembly/stateful-types';
import type { Thing } from '../landscape';

/** What the types hold that the CDK's schemas already call stateful. */
const CONTENTS: Record<string, string> = {
  'AWS::Backup::BackupVault': 'backups',
  'AWS::CloudFormation::Stack': 'whatever its stack holds',
  'AWS::Cognito::UserPool': 'the accounts of users, their passwords among them',
  'AWS::DocDB::DBCluster': 'documents',
  'AWS::DocDB::DBInstance': 'documents',
  'AWS::DynamoDB::GlobalTable': 'rows',
  'AWS::DynamoDB::Table': 'rows',
  'AWS::EFS::FileSystem': 'files',
  'AWS::EMR::Cluster': 'what jobs left on its disks',
  'AWS::ElastiCache::CacheCluster': 'sessions and whatever else the product keeps there',
  'AWS::ElastiCache::ReplicationGroup': 'sessions and whatever else the product keeps there',
  'AWS::Elasticsearch::Domain': 'indexes',
  'AWS::FSx::FileSystem': 'files',
  'AWS::KMS::Key': 'the key of everything encrypted with it',
  'AWS::Kinesis::Stream': 'records that are still to be read',
  'AWS::Logs::LogGroup': 'log events',
  'AWS::Neptune::DBCluster': 'vertices and edges',
  'AWS::Neptune::DBInstance': 'vertices and edges',
  'AWS::OpenSearchService::Domain': 'indexes',
  'AWS::Organizations::Account': 'an account and all that is in it',
  'AWS::QLDB::Ledger': 'its ledger',
  'AWS::RDS::DBCluster': 'rows',
  'AWS::RDS::DBInstance': 'rows',
  'AWS::Redshift::Cluster': 'the warehouse',
  'AWS::S3::Bucket': 'objects',
  'AWS::SDB::Domain': 'items',
  'AWS::SQS::Queue': 'messages that are still to be handled',
  'AWS::SecretsManager::Secret': 'a secret',
};

/** What a stateful resource holds, in words. */
export function contentOf({ type }: Thing): string {
  return MORE_STATEFUL_TYPES[type] ?? CONTENTS[type] ?? 'not known: its type is in no schema';
}
