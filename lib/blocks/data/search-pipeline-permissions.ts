import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../operations/acknowledge';
import { FEED_DEAD_LETTERS, FEED_EXPORTS } from './search-feed-files';
import type { SearchPipelineProps } from './search-pipeline';

const KEY_ACTIONS = [
  'kms:Decrypt',
  'kms:Encrypt',
  'kms:DescribeKey',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:RetireGrant',
];

/** What the wildcards of the guide stand for: objects and their versions, read, written in parts, and deleted. */
const OBJECT_ACTIONS = [
  's3:GetObject',
  's3:GetObjectVersion',
  's3:PutObject',
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
];
const BUCKET_ACTIONS = ['s3:ListBucket', 's3:ListBucketMultipartUploads', 's3:GetBucketLocation'];

function allow(actions: string[], resources: string[], conditions?: { [operator: string]: unknown }): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources, conditions });
}

/** A grant, for the service that exports; it can give the key to nobody else (AWS KMS developer guide, kms:GrantIsForAWSResource). */
function grants(keyArn: string): iam.PolicyStatement {
  return allow(['kms:CreateGrant'], [keyArn], { Bool: { 'kms:GrantIsForAWSResource': 'true' } });
}

/** What Amazon RDS writes an export with (OpenSearch Service developer guide, Aurora PostgreSQL, prerequisites). */
export function exportPermissions(scope: Construct, role: iam.Role, props: SearchPipelineProps): iam.ManagedPolicy {
  const { bucket, encryptionKey } = props;
  const exports = bucket.arnForObjects(`${FEED_EXPORTS}/*`);
  const policy = new iam.ManagedPolicy(scope, 'ExportPolicy', {
    description: 'Writes exports of tables into the bucket of the feed',
    roles: [role],
    statements: [
      allow(BUCKET_ACTIONS, [bucket.bucketArn]),
      allow(OBJECT_ACTIONS, [exports]),
      allow(KEY_ACTIONS, [encryptionKey.keyArn]),
      grants(encryptionKey.keyArn),
    ],
  });
  acknowledgeNames(policy, exports);
  return policy;
}

/** What the pipeline does its work with (the same page, step 1), with the wildcards of that page spelled out. */
export function pipelinePermissions(
  scope: Construct,
  role: iam.Role,
  exportRole: iam.Role,
  props: SearchPipelineProps,
): iam.ManagedPolicy {
  const { bucket, encryptionKey, database, domain } = props;
  const rds = (resource: string, resourceName: string) =>
    Stack.of(scope).formatArn({
      partition: Aws.PARTITION,
      service: 'rds',
      resource,
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  const cluster = database.cluster.clusterIdentifier;
  const ec2 = (resource: string) =>
    Stack.of(scope).formatArn({ partition: Aws.PARTITION, service: 'ec2', resource, resourceName: '*' });
  const ofDatabase = [rds('cluster', cluster), rds('cluster-snapshot', `${cluster}*`)];
  const instances = rds('db', '*');
  const interfaces = ['network-interface', 'subnet', 'security-group'].map(ec2);
  const indexes = `${domain.domainArn}/*`;
  const objects = [FEED_EXPORTS, FEED_DEAD_LETTERS].map((prefix) => bucket.arnForObjects(`${prefix}/*`));
  const policy = new iam.ManagedPolicy(scope, 'Policy', {
    description: 'Reads the tables of the database and writes them to the search domain',
    roles: [role],
    statements: [
      allow(['es:DescribeDomain'], [domain.domainArn]),
      allow(['es:ESHttpGet', 'es:ESHttpHead', 'es:ESHttpPost', 'es:ESHttpPut'], [indexes]),
      allow(BUCKET_ACTIONS, [bucket.bucketArn]),
      allow(OBJECT_ACTIONS, objects),
      allow(['secretsmanager:GetSecretValue'], [database.secret.secretArn]),
      allow(KEY_ACTIONS, [encryptionKey.keyArn]),
      grants(encryptionKey.keyArn),
      allow(['iam:PassRole'], [exportRole.roleArn], { StringEquals: { 'iam:PassedToService': 'export.rds.amazonaws.com' } }),
      allow(['rds:DescribeDBClusters'], [rds('cluster', cluster)]),
      allow(['rds:DescribeDBInstances'], [instances]),
      allow(['rds:DescribeDBClusterSnapshots', 'rds:CreateDBClusterSnapshot', 'rds:AddTagsToResource'], ofDatabase),
      allow(['rds:StartExportTask'], ofDatabase),
      allow(['rds:DescribeExportTasks'], ['*'], {
        StringEquals: { 'aws:RequestedRegion': Stack.of(scope).region, 'aws:ResourceAccount': Stack.of(scope).account },
      }),
      allow(
        [
          'ec2:AttachNetworkInterface',
          'ec2:CreateNetworkInterface',
          'ec2:CreateNetworkInterfacePermission',
          'ec2:DeleteNetworkInterface',
          'ec2:DeleteNetworkInterfacePermission',
          'ec2:DetachNetworkInterface',
        ],
        interfaces,
      ),
      allow(
        [
          'ec2:DescribeAvailabilityZones',
          'ec2:DescribeDhcpOptions',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeRouteTables',
          'ec2:DescribeSecurityGroups',
          'ec2:DescribeSubnets',
          'ec2:DescribeVpcs',
        ],
        ['*'],
      ),
      allow(['ec2:CreateTags'], [ec2('network-interface')], { StringEquals: { 'aws:RequestTag/OSISManaged': 'true' } }),
    ],
  });
  acknowledgeAttachments(policy);
  acknowledgeNames(policy, '*', indexes, instances, ...ofDatabase.slice(1), ...objects, ...interfaces);
  return policy;
}

/** Records why two actions are allowed on nothing that the tool knows for them. */
function acknowledgeAttachments(policy: iam.ManagedPolicy): void {
  acknowledge(policy, {
    id: 'Parliament::RESOURCE_MISMATCH',
    reason:
      'The tool wants the ARN of an instance for attaching and detaching a network interface. The statement is the one of the OpenSearch ' +
      'Service developer guide for a pipeline in a VPC: the instances are of the service, in an account of its own, and the interfaces ' +
      'here are what this account has to allow.',
  });
}

function acknowledgeNames(policy: iam.ManagedPolicy, ...resources: string[]): void {
  acknowledgeWildcards(
    policy,
    'What the service makes has no name beforehand: files of an export, snapshots of the one cluster, network interfaces of the ' +
      'pipeline, and paths of the one domain, which checks indexes itself. The statements are those of the OpenSearch Service developer ' +
      'guide for this source, with each action by its name.',
    ...resources,
  );
}
