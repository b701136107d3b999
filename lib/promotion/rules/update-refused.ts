import { replacedReferenceIn } from '../../assembly/references';
import { isObject, items, sameValue } from '../../assembly/values';
import type { PropertyChange, PropertyRule } from './rule';

/** The schema allows these updates, the service refuses them: the deploy fails and rolls back. */
export const UPDATE_REFUSED: PropertyRule[] = [
  {
    id: 'kms-key-immutable',
    types: ['AWS::KMS::Key'],
    properties: ['MultiRegion', 'KeySpec', 'KeyUsage', 'Origin'],
    verdict: 'refused',
    when: differsFromDefault({
      MultiRegion: false,
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Origin: 'AWS_KMS',
    }),
    sentence: 'a KMS key keeps this for life: the update fails whatever the UpdateReplacePolicy says',
    source: 'CloudFormation AWS::KMS::Key, MultiRegion ("the update request fails")',
  },
  {
    id: 'ebs-volume-immutable',
    types: ['AWS::EC2::Volume'],
    properties: [
      'AvailabilityZone',
      'AvailabilityZoneId',
      'Encrypted',
      'KmsKeyId',
      'SnapshotId',
      'SourceVolumeId',
      'OutpostArn',
      'MultiAttachEnabled',
    ],
    verdict: 'refused',
    when: differsFromDefault({ Encrypted: false, MultiAttachEnabled: false }),
    sentence: 'an EBS volume keeps this for life: CloudFormation does not support the update',
    source: 'CloudFormation AWS::EC2::Volume ("Updates are not supported")',
  },
  {
    id: 'ebs-volume-shrinks',
    types: ['AWS::EC2::Volume'],
    properties: ['Size'],
    verdict: 'refused',
    when: ({ oldValue, newValue }) => Number(newValue) < Number(oldValue),
    sentence: 'an EBS volume grows but never shrinks',
    source: 'CloudFormation AWS::EC2::Volume ("does not support sizing down")',
  },
  {
    id: 'user-pool-sign-in',
    types: ['AWS::Cognito::UserPool'],
    properties: ['UsernameAttributes', 'AliasAttributes', 'UsernameConfiguration'],
    verdict: 'refused',
    sentence: 'how users sign in is decided when the user pool is created: Cognito refuses the update',
    source: 'github aws-amplify/amplify-cli#4227 ("Updates are not allowed for property")',
  },
  {
    id: 'user-pool-attribute',
    types: ['AWS::Cognito::UserPool'],
    properties: ['Schema'],
    verdict: 'refused',
    when: ({ oldValue, newValue }) => !onlyAddsCustomAttributes(oldValue, newValue),
    sentence: 'Cognito only lets custom attributes be added: it refuses to change or remove one, and to add a standard one',
    source: 'Cognito developer guide, user pool attributes; github aws-samples/sample-voice-of-customer-datalake#184',
  },
  {
    id: 'vault-lock-final',
    types: ['AWS::Backup::BackupVault'],
    properties: ['LockConfiguration'],
    verdict: 'refused',
    when: ({ oldValue }) => isObject(oldValue) && oldValue.ChangeableForDays !== undefined,
    sentence:
      'a vault lock with ChangeableForDays is final once that many days have passed since it was set: AWS Backup then refuses every change of it',
    source: 'CloudFormation AWS::Backup::BackupVault LockConfigurationType, ChangeableForDays',
  },
  {
    id: 'log-group-class',
    types: ['AWS::Logs::LogGroup'],
    properties: ['LogGroupClass'],
    verdict: 'refused',
    when: differsFromDefault({ LogGroupClass: 'STANDARD' }),
    sentence: 'the class of a log group cannot be changed after it is created',
    source: 'CloudWatch Logs user guide, Log classes',
  },
  {
    id: 'cache-durability',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['Durability'],
    verdict: 'refused',
    when: differsFromDefault({ Durability: 'default' }),
    sentence: 'durability can be switched neither on nor off on an existing cache: ElastiCache answers with an error',
    source: 'CloudFormation AWS::ElastiCache::ReplicationGroup, Durability',
  },
  {
    id: 'cache-cluster-mode',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['ClusterMode'],
    verdict: 'refused',
    when: ({ oldValue, newValue }) => (oldValue ?? 'disabled') === 'disabled' && newValue === 'enabled',
    meanwhile: () => 'compatible',
    sentence: 'cluster mode goes from disabled to enabled by way of compatible, in two updates, and clients move in between',
    source: 'ElastiCache developer guide, Modify cluster mode',
  },
  {
    id: 'cache-cluster-mode-back',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['ClusterMode'],
    verdict: 'refused',
    when: ({ oldValue }) => oldValue === 'enabled',
    sentence: 'there is no way back from cluster mode enabled',
    source: 'ElastiCache developer guide, Modify cluster mode',
  },
  {
    id: 'cache-without-replicas',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['ReplicasPerNodeGroup'],
    verdict: 'refused',
    when: ({ oldValue }) => sameValue(oldValue, 0),
    sentence: 'a sharded cache without any replica cannot be updated by CloudFormation (not verified against AWS)',
    source: 'github aws-cloudformation/cloudformation-coverage-roadmap#1275',
  },
  {
    id: 'table-index-changed',
    types: ['AWS::DynamoDB::Table'],
    properties: ['GlobalSecondaryIndexes'],
    verdict: 'refused',
    when: ({ oldValue, newValue }) => indexKeysChange(oldValue, newValue),
    sentence: 'the keys and projection of an existing index cannot be changed: add one under a new name, then remove the old one',
    source: 'CloudFormation AWS::DynamoDB::Table, GlobalSecondaryIndexes ("Updates are not supported")',
  },
  {
    id: 'local-index-changed',
    types: ['AWS::DynamoDB::Table'],
    properties: ['LocalSecondaryIndexes'],
    verdict: 'refused',
    sentence: 'local secondary indexes are made with the table and cannot be added, changed or removed later',
    source: 'CloudFormation AWS::DynamoDB::Table LocalSecondaryIndex ("can only be created when its parent table is created")',
  },
  {
    id: 'broker-kind',
    types: ['AWS::MSK::Cluster'],
    properties: ['BrokerNodeGroupInfo.InstanceType'],
    verdict: 'refused',
    when: ({ oldValue, newValue }) => isExpress(oldValue) !== isExpress(newValue),
    sentence: 'standard and Express brokers are different kinds of cluster, chosen at creation (not verified against AWS)',
    source: 'MSK developer guide, Express brokers; promotion.md 4h',
  },
  {
    id: 'search-ip-address-type',
    types: ['AWS::OpenSearchService::Domain'],
    properties: ['IPAddressType'],
    verdict: 'refused',
    when: ({ oldValue }) => oldValue === 'dualstack',
    sentence: 'a dual-stack domain stays dual-stack',
    source: 'CloudFormation AWS::OpenSearchService::Domain, IPAddressType',
  },
  {
    id: 'search-into-vpc',
    types: ['AWS::OpenSearchService::Domain', 'AWS::Elasticsearch::Domain'],
    properties: ['VPCOptions'],
    verdict: 'refused',
    when: ({ oldValue }) => oldValue === undefined,
    sentence: 'a domain with a public endpoint cannot move into a VPC (not verified against CloudFormation)',
    source: 'OpenSearch Service developer guide, VPC limitations',
  },
  {
    id: 'subnet-group-in-use',
    types: [
      'AWS::RDS::DBSubnetGroup',
      'AWS::ElastiCache::SubnetGroup',
      'AWS::MemoryDB::SubnetGroup',
      'AWS::DocDB::DBSubnetGroup',
      'AWS::Neptune::DBSubnetGroup',
    ],
    properties: ['SubnetIds'],
    verdict: 'refused',
    when: ({ oldValue, newValue }) => replacedReferenceIn(newValue) !== undefined || haveNothingInCommon(oldValue, newValue),
    sentence:
      'a store stays in its VPC and in the subnets it uses: its subnet group refuses to let go of them, and the range of a subnet that is replaced is often still taken',
    source: 'github aws/aws-cdk#28369, #26135 and #6683 (DBSubnetGroup and InvalidSubnet.Conflict errors)',
  },
];

function haveNothingInCommon(before: unknown, after: unknown): boolean {
  if (!Array.isArray(before) || !Array.isArray(after)) return false;
  return !after.some((item) => before.some((old) => sameValue(old, item)));
}

/** Writing out a default is no change. */
function differsFromDefault(defaults: Record<string, unknown>): (change: PropertyChange) => boolean {
  return ({ property, oldValue, newValue }) => !sameValue(oldValue ?? defaults[property], newValue ?? defaults[property]);
}

function isExpress(instanceType: unknown): boolean {
  return String(instanceType).startsWith('express.');
}

const STANDARD_ATTRIBUTES = new Set(
  'address birthdate email email_verified family_name gender given_name locale middle_name name nickname phone_number phone_number_verified picture preferred_username profile sub updated_at website zoneinfo'.split(
    ' ',
  ),
);

function onlyAddsCustomAttributes(before: unknown, after: unknown): boolean {
  const old = byName(before, 'Name');
  const fresh = byName(after, 'Name');
  const keeps = [...old].every(([name, attribute]) => sameValue(attribute, fresh.get(name)));
  const added = [...fresh].filter(([name]) => !old.has(name));
  return keeps && added.every(([name, attribute]) => !STANDARD_ATTRIBUTES.has(name) && attribute.Required !== true);
}

/** Whether an index that is on both sides has other keys or another projection. */
export function indexKeysChange(before: unknown, after: unknown): boolean {
  const fresh = byName(after, 'IndexName');
  return [...byName(before, 'IndexName')].some(([name, index]) => {
    const next = fresh.get(name);
    return next !== undefined && !(sameValue(index.KeySchema, next.KeySchema) && sameValue(index.Projection, next.Projection));
  });
}

/** Items of a list by the text that tells them apart. */
export function byName(list: unknown, name: string): Map<string, Record<string, unknown>> {
  return new Map(
    items(list)
      .filter(isObject)
      .map((item) => [String(item[name]), item]),
  );
}
