import type { TemplateResource } from '../assembly/cloud-assembly';
import { resourceModel } from './service-spec';

/**
 * Types that hold state although the CDK's schemas do not say so, with what is lost with them.
 *
 * State is data, keys, or an identity that others hold on to and that a template cannot make again.
 */
export const MORE_STATEFUL_TYPES: Readonly<Record<string, string>> = {
  'AWS::ACMPCA::CertificateAuthority': 'the private key that signed every certificate',
  'AWS::AmazonMQ::Broker': 'queued messages',
  'AWS::Backup::LogicallyAirGappedBackupVault': 'backups',
  'AWS::Cassandra::Keyspace': 'the tables in it',
  'AWS::Cassandra::Table': 'its rows',
  'AWS::CloudFront::KeyValueStore': 'its keys',
  'AWS::CodeArtifact::Repository': 'published packages',
  'AWS::CodeCommit::Repository': 'commits',
  'AWS::Cognito::IdentityPool': 'the identity ids of its users',
  'AWS::Cognito::UserPoolClient': 'the client id that apps in the field carry',
  'AWS::Cognito::UserPoolReplica': 'the replicated users',
  'AWS::DocDBElastic::Cluster': 'documents',
  'AWS::DSQL::Cluster': 'rows',
  'AWS::EC2::Volume': 'the disk',
  'AWS::ECR::PublicRepository': 'images',
  'AWS::ECR::Repository': 'images that running tasks are started from',
  'AWS::ElastiCache::GlobalReplicationGroup': 'the link that keeps the regions in step',
  'AWS::ElastiCache::ServerlessCache': 'sessions and whatever else the product keeps there',
  'AWS::Events::Archive': 'archived events',
  'AWS::FSx::Volume': 'files',
  'AWS::KMS::ReplicaKey': 'the key of everything encrypted in that region',
  'AWS::MemoryDB::Cluster': 'keys',
  'AWS::MSK::Cluster': 'topics and the offsets of their readers',
  'AWS::MSK::ServerlessCluster': 'topics and the offsets of their readers',
  'AWS::MSK::Topic': 'its messages',
  'AWS::OpenSearchServerless::Collection': 'indexes',
  'AWS::RDS::GlobalCluster': 'the link that keeps the regions in step',
  'AWS::RedshiftServerless::Namespace': 'the warehouse',
  'AWS::Route53::HostedZone': 'the name servers that the registrar points to',
  'AWS::S3Express::DirectoryBucket': 'objects',
  'AWS::S3Tables::Table': 'rows',
  'AWS::S3Tables::TableBucket': 'the tables in it',
  'AWS::S3Vectors::Index': 'vectors',
  'AWS::S3Vectors::VectorBucket': 'vectors',
  // Its ARN is what subscribers outside the template, confirmed e-mail addresses among them, are tied to.
  'AWS::SNS::Topic': 'subscriptions made outside the template',
  'AWS::Timestream::Database': 'the tables in it',
  'AWS::Timestream::InfluxDBInstance': 'measurements',
  'AWS::Timestream::Table': 'measurements',
  // Not here: AWS::SSM::Parameter, whose value stands in the template; AWS::RDS::DBSubnetGroup and AWS::EC2::Subnet, which
  // hold nothing themselves (what is in them is judged on its own); AWS::EC2::Instance, whose state lies on volumes of its own.
};

/** Members of a cluster: the data lies in the cluster's storage. */
const CLUSTER_MEMBERS = ['AWS::RDS::DBInstance', 'AWS::Neptune::DBInstance', 'AWS::DocDB::DBInstance'];

/** Whether losing the resource loses data, keys, or an identity that others hold on to. */
export function isStateful(type: string, resource?: TemplateResource): boolean {
  if (CLUSTER_MEMBERS.includes(type) && resource?.Properties?.DBClusterIdentifier !== undefined) return false;
  return type in MORE_STATEFUL_TYPES || resourceModel(type)?.isStateful === true;
}
