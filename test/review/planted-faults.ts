import type { BreakableTemplate } from './breakable-template';

/** A mistake that somebody might make in a template of ours. */
export interface PlantedFault {
  readonly name: string;
  /** The stage whose template is spoilt. */
  readonly stage: 1 | 2 | 3 | 4;
  /** Which of its stacks. @default - the one of the home Region */
  readonly region?: string;
  /** Returns the logical id that a finding has to be about. */
  readonly plant: (stack: BreakableTemplate) => string;
  /** The rule that has to find it, one of the checks that need npm alone; others may find it too. */
  readonly by: string;
}

const INGRESS = 'AWS::EC2::SecurityGroupIngress';
const DISTRIBUTION = 'AWS::CloudFront::Distribution';
const CLUSTER = 'AWS::RDS::DBCluster';
const INSTANCE = 'AWS::RDS::DBInstance';
const CACHE = 'AWS::ElastiCache::ReplicationGroup';
const STREAM = 'AWS::MSK::Cluster';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const ROLE = 'AWS::IAM::Role';
const POLICY = 'AWS::IAM::Policy';
const HOSTED_ZONE = 'Z0123456789EXAMPLE';

/** A rule that lets the world in on a port. */
const open = (port: number) => ({
  CidrIp: '0.0.0.0/0',
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  GroupId: 'sg-0123456789abcdef0',
});

/** A record of a routing set of a name of its own. */
const record = (more: Record<string, unknown>) => ({
  HostedZoneId: HOSTED_ZONE,
  Name: 'planted.shop.example.com.',
  Type: 'A',
  TTL: '60',
  ResourceRecords: ['192.0.2.1'],
  ...more,
});

export const PLANTED_FAULTS: PlantedFault[] = [
  // What holds data
  {
    name: 'a bucket that lets the public in',
    stage: 3,
    plant: (stack) => stack.remove('AWS::S3::Bucket', 'PublicAccessBlockConfiguration'),
    by: 'ControlTower::CT.S3.PR.1',
  },
  {
    name: 'a bucket policy that lets anyone read',
    stage: 3,
    plant: (stack) =>
      stack.allow('AWS::S3::BucketPolicy', { Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::shop/*' }),
    by: 'ScaleTiers::resource-policy-open-to-anyone',
  },
  {
    name: 'a bucket that takes plain HTTP',
    stage: 2,
    plant: (stack) => {
      stack.set('AWS::S3::BucketPolicy', 'PolicyDocument.Statement', []);
      return stack.id('AWS::S3::Bucket');
    },
    by: 'AwsSolutions::AwsSolutions-S10',
  },
  {
    name: 'a database without encryption',
    stage: 2,
    plant: (stack) => stack.set(CLUSTER, 'StorageEncrypted', false),
    by: 'AwsSolutions::AwsSolutions-RDS2',
  },
  {
    name: 'a database instance on the internet',
    stage: 2,
    plant: (stack) => stack.set(INSTANCE, 'PubliclyAccessible', true),
    by: 'HIPAA.Security::HIPAA.Security-RDSInstancePublicAccess',
  },
  {
    name: 'a database that a deploy may delete',
    stage: 2,
    plant: (stack) => stack.set(CLUSTER, 'DeletionProtection', false),
    by: 'AwsSolutions::AwsSolutions-RDS10',
  },
  {
    name: 'a database without backups',
    stage: 2,
    plant: (stack) => stack.set(CLUSTER, 'BackupRetentionPeriod', 0),
    by: 'ScaleTiers::database-backups-too-short',
  },
  {
    name: 'a database that leaves with its stack',
    stage: 2,
    plant: (stack) => stack.attribute(CLUSTER, 'DeletionPolicy', 'Delete'),
    by: 'ScaleTiers::state-not-kept',
  },
  {
    name: 'a database password in plain text',
    stage: 2,
    plant: (stack) => stack.set(CLUSTER, 'MasterUserPassword', 'correct-horse-battery'),
    by: 'ScaleTiers::plaintext-secret',
  },
  {
    name: 'serverless capacity upside down',
    stage: 3,
    plant: (stack) => stack.set(CLUSTER, 'ServerlessV2ScalingConfiguration', { MinCapacity: 64, MaxCapacity: 2 }),
    by: 'ScaleTiers::serverless-capacity',
  },
  {
    name: 'a serverless capacity that does not exist',
    stage: 2,
    plant: (stack) => stack.set(CLUSTER, 'ServerlessV2ScalingConfiguration', { MinCapacity: 0.3, MaxCapacity: 2 }),
    by: 'ScaleTiers::serverless-capacity',
  },
  {
    name: 'a member of another engine than its global database',
    stage: 4,
    plant: (stack) => stack.set(CLUSTER, 'Engine', 'aurora-mysql'),
    by: 'ScaleTiers::global-cluster-engine',
  },
  {
    name: 'a member older than its global database',
    stage: 4,
    plant: (stack) => stack.set(CLUSTER, 'EngineVersion', '15.4'),
    by: 'ScaleTiers::global-cluster-engine',
  },
  {
    name: 'a global database on a burstable instance',
    stage: 4,
    plant: (stack) => stack.set(INSTANCE, 'DBInstanceClass', 'db.t4g.medium'),
    by: 'ScaleTiers::global-cluster-instance-class',
  },
  {
    name: 'a database in one zone',
    stage: 2,
    plant: (stack) => stack.set('AWS::RDS::DBSubnetGroup', 'SubnetIds', [{ Ref: stack.id('AWS::EC2::Subnet') }]),
    by: 'ScaleTiers::subnet-group-zones',
  },
  {
    name: 'a cache node that nobody sells',
    stage: 3,
    plant: (stack) => stack.set(CACHE, 'CacheNodeType', 'cache.z9.enormous'),
    by: 'ScaleTiers::cache-node-type',
  },
  {
    name: 'several zones without a replica',
    stage: 2,
    plant: (stack) => stack.set(CACHE, 'ReplicasPerNodeGroup', 0),
    by: 'ScaleTiers::cache-multi-az-without-replica',
  },
  {
    name: 'a cache in the clear at rest',
    stage: 2,
    plant: (stack) => stack.set(CACHE, 'AtRestEncryptionEnabled', false),
    by: 'AwsSolutions::AwsSolutions-AEC3',
  },
  {
    name: 'a cache in the clear on the wire',
    stage: 4,
    plant: (stack) => stack.set(CACHE, 'TransitEncryptionEnabled', false),
    by: 'AwsSolutions::AwsSolutions-AEC3',
  },
  {
    name: 'a cache that keeps no snapshot',
    stage: 2,
    plant: (stack) => stack.set(CACHE, 'SnapshotRetentionLimit', 0),
    by: 'HIPAA.Security::HIPAA.Security-ElastiCacheRedisClusterAutomaticBackup',
  },
  {
    name: 'brokers that do not divide by the zones',
    stage: 4,
    plant: (stack) => stack.set(STREAM, 'NumberOfBrokerNodes', 16),
    by: 'ScaleTiers::broker-count',
  },
  {
    name: 'brokers that talk in the clear',
    stage: 4,
    plant: (stack) => stack.set(STREAM, 'EncryptionInfo.EncryptionInTransit.ClientBroker', 'TLS_PLAINTEXT'),
    by: 'AwsSolutions::AwsSolutions-MSK2',
  },
  {
    name: 'a broker that cannot be replicated from',
    stage: 4,
    plant: (stack) => stack.set(STREAM, 'BrokerNodeGroupInfo.InstanceType', 'kafka.t3.small'),
    by: 'ScaleTiers::replicator-prerequisites',
  },
  {
    name: 'search nodes that open to the internet',
    stage: 3,
    plant: (stack) => stack.remove('AWS::OpenSearchService::Domain', 'VPCOptions'),
    by: 'AwsSolutions::AwsSolutions-OS1',
  },
  {
    name: 'search without encryption',
    stage: 4,
    plant: (stack) => stack.set('AWS::OpenSearchService::Domain', 'EncryptionAtRestOptions', { Enabled: false }),
    by: 'HIPAA.Security::HIPAA.Security-OpenSearchEncryptedAtRest',
  },
  {
    name: 'a warehouse on the internet',
    stage: 3,
    plant: (stack) => stack.set('AWS::RedshiftServerless::Workgroup', 'PubliclyAccessible', true),
    by: 'ScaleTiers::publicly-accessible',
  },
  {
    name: 'a shared table that cannot be restored',
    stage: 3,
    plant: (stack) =>
      stack.set('AWS::DynamoDB::GlobalTable', 'Replicas.0.PointInTimeRecoverySpecification', {
        PointInTimeRecoveryEnabled: false,
      }),
    by: 'ScaleTiers::table-without-recovery',
  },
  {
    name: 'a volume in the clear',
    stage: 1,
    plant: (stack) => stack.set('AWS::EC2::Volume', 'Encrypted', false),
    by: 'AwsSolutions::AwsSolutions-EC26',
  },
  {
    name: 'a key that never turns',
    stage: 3,
    plant: (stack) => stack.set('AWS::KMS::Key', 'EnableKeyRotation', false),
    by: 'AwsSolutions::AwsSolutions-KMS5',
  },
  {
    name: 'a secret written into the template',
    stage: 3,
    plant: (stack) => stack.set('AWS::SecretsManager::Secret', 'SecretString', 'correct-horse-battery'),
    by: 'ScaleTiers::plaintext-secret',
  },
  // Queues and topics
  {
    name: 'a queue without encryption',
    stage: 1,
    plant: (stack) => stack.set('AWS::SQS::Queue', 'SqsManagedSseEnabled', false),
    by: 'AwsSolutions::AwsSolutions-SQS2',
  },
  {
    name: 'a queue that anyone may fill',
    stage: 2,
    plant: (stack) => stack.allow('AWS::SQS::QueuePolicy', { Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }),
    by: 'ScaleTiers::resource-policy-open-to-anyone',
  },
  {
    name: 'a topic that anyone may publish to',
    stage: 3,
    plant: (stack) => stack.allow('AWS::SNS::TopicPolicy', { Principal: { AWS: '*' }, Action: 'sns:Publish', Resource: '*' }),
    by: 'ScaleTiers::resource-policy-open-to-anyone',
  },
  {
    name: 'a topic without encryption',
    stage: 3,
    plant: (stack) => stack.remove('AWS::SNS::Topic', 'KmsMasterKeyId'),
    by: 'HIPAA.Security::HIPAA.Security-SNSEncryptedKMS',
  },
  {
    name: 'jobs without a dead-letter queue',
    stage: 2,
    plant: (stack) =>
      stack.remove('AWS::SQS::Queue', 'RedrivePolicy', ({ Properties }) => Properties?.RedrivePolicy !== undefined),
    by: 'AwsSolutions::AwsSolutions-SQS3',
  },
  // Network
  {
    name: 'SSH open to the world',
    stage: 1,
    plant: (stack) => stack.add('PlantedSsh', INGRESS, open(22)),
    by: 'ScaleTiers::open-to-the-world',
  },
  {
    name: 'the database port open to the world',
    stage: 3,
    plant: (stack) => stack.add('PlantedPostgres', INGRESS, open(5432)),
    by: 'ScaleTiers::data-port-open-to-the-world',
  },
  {
    name: 'every port open to the world over IPv6',
    stage: 2,
    plant: (stack) => stack.add('PlantedAll', INGRESS, { CidrIpv6: '::/0', IpProtocol: '-1', GroupId: 'sg-0123456789abcdef0' }),
    by: 'ScaleTiers::open-to-the-world',
  },
  {
    name: 'a network without a log',
    stage: 3,
    plant: (stack) => {
      stack.drop('AWS::EC2::FlowLog');
      return stack.id('AWS::EC2::VPC');
    },
    by: 'AwsSolutions::AwsSolutions-VPC7',
  },
  {
    name: 'a network of 33 bits',
    stage: 1,
    plant: (stack) => stack.set('AWS::EC2::VPC', 'CidrBlock', '10.0.0.0/33'),
    by: 'ScaleTiers::cidr-out-of-range',
  },
  {
    name: 'a subnet of another Region',
    stage: 2,
    plant: (stack) => stack.set('AWS::EC2::Subnet', 'AvailabilityZone', 'eu-west-1a'),
    by: 'ScaleTiers::zone-of-another-region',
  },
  {
    name: 'a load balancer in one zone',
    stage: 2,
    plant: (stack) => stack.set('AWS::ElasticLoadBalancingV2::LoadBalancer', 'Subnets', [{ Ref: stack.id('AWS::EC2::Subnet') }]),
    by: 'ScaleTiers::load-balancer-zones',
  },
  {
    name: 'a load balancer without an access log',
    stage: 3,
    plant: (stack) => stack.set('AWS::ElasticLoadBalancingV2::LoadBalancer', 'LoadBalancerAttributes', []),
    by: 'AwsSolutions::AwsSolutions-ELB2',
  },
  {
    name: 'a listener that speaks HTTP',
    stage: 2,
    plant: (stack) => {
      stack.remove(LISTENER, 'Certificates');
      stack.remove(LISTENER, 'SslPolicy');
      return stack.set(LISTENER, 'Protocol', 'HTTP');
    },
    by: 'HIPAA.Security::HIPAA.Security-ELBv2ACMCertificateRequired',
  },
  {
    name: 'a public address for every server',
    stage: 3,
    plant: (stack) => stack.set('AWS::EC2::Subnet', 'MapPublicIpOnLaunch', true),
    by: 'HIPAA.Security::HIPAA.Security-VPCSubnetAutoAssignPublicIpDisabled',
  },
  // Edge and names
  {
    name: 'a distribution with a certificate of Ireland',
    stage: 2,
    plant: (stack) =>
      stack.set(
        DISTRIBUTION,
        'DistributionConfig.ViewerCertificate.AcmCertificateArn',
        'arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f',
      ),
    by: 'ScaleTiers::viewer-certificate-outside-us-east-1',
  },
  {
    name: 'a distribution that sends its visitors nowhere',
    stage: 2,
    plant: (stack) => stack.set(DISTRIBUTION, 'DistributionConfig.DefaultCacheBehavior.TargetOriginId', 'nowhere'),
    by: 'ScaleTiers::origin-id-without-origin',
  },
  {
    name: 'a distribution that takes plain HTTP',
    stage: 2,
    plant: (stack) => stack.set(DISTRIBUTION, 'DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy', 'allow-all'),
    by: 'ScaleTiers::viewer-protocol-allow-all',
  },
  {
    name: "a distribution with yesterday's TLS",
    stage: 3,
    plant: (stack) => stack.set(DISTRIBUTION, 'DistributionConfig.ViewerCertificate.MinimumProtocolVersion', 'TLSv1'),
    by: 'AwsSolutions::AwsSolutions-CFR4',
  },
  {
    name: 'a distribution without its firewall',
    stage: 4,
    plant: (stack) => stack.remove(DISTRIBUTION, 'DistributionConfig.WebACLId'),
    by: 'AwsSolutions::AwsSolutions-CFR2',
  },
  {
    name: 'a firewall of a Region at the edge',
    stage: 4,
    plant: (stack) => {
      stack.set('AWS::WAFv2::WebACL', 'Scope', 'REGIONAL', ({ Properties }) => Properties?.Scope === 'CLOUDFRONT');
      return stack.id(DISTRIBUTION);
    },
    by: 'ScaleTiers::web-acl-not-for-cloudfront',
  },
  {
    name: 'a country nobody answers outside of',
    stage: 4,
    plant: (stack) =>
      stack.add('PlantedGeo', 'AWS::Route53::RecordSet', record({ SetIdentifier: 'de', GeoLocation: { CountryCode: 'DE' } })),
    by: 'ScaleTiers::geo-set-without-default',
  },
  {
    name: 'a routed record without a name of its own',
    stage: 4,
    plant: (stack) =>
      stack.add(
        'PlantedAnonymous',
        'AWS::Route53::RecordSet',
        record({ Name: 'anonymous.shop.example.com.', GeoLocation: { CountryCode: '*' } }),
      ),
    by: 'ScaleTiers::routing-record-without-set-identifier',
  },
  {
    name: 'two answers for one country',
    stage: 4,
    plant: (stack) => {
      stack.add(
        'PlantedFirst',
        'AWS::Route53::RecordSet',
        record({ Name: 'twice.shop.example.com.', SetIdentifier: 'a', GeoLocation: { CountryCode: '*' } }),
      );
      return stack.add(
        'PlantedSecond',
        'AWS::Route53::RecordSet',
        record({ Name: 'twice.shop.example.com.', SetIdentifier: 'b', GeoLocation: { CountryCode: '*' } }),
      );
    },
    by: 'ScaleTiers::duplicate-routing-record',
  },
  // Identity
  {
    name: 'a role that anyone may take',
    stage: 3,
    plant: (stack) => stack.allow(ROLE, { Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }, 'AssumeRolePolicyDocument'),
    by: 'ScaleTiers::trust-open-to-anyone',
  },
  {
    name: 'everything on everything',
    stage: 2,
    plant: (stack) => stack.allow(POLICY, { Action: '*', Resource: '*' }),
    by: 'ScaleTiers::admin-statement',
  },
  {
    name: 'an action that does not exist',
    stage: 2,
    plant: (stack) => stack.allow(POLICY, { Action: 's3:GetObjekt', Resource: 'arn:aws:s3:::shop/*' }),
    by: 'ScaleTiers::unknown-action',
  },
  {
    name: 'everything but one action',
    stage: 2,
    plant: (stack) => stack.allow(POLICY, { NotAction: 'iam:*', Resource: '*' }),
    by: 'ScaleTiers::allow-by-exclusion',
  },
  {
    name: 'a role that can make itself administrator',
    stage: 2,
    plant: (stack) => stack.allow(POLICY, { Action: ['iam:PutRolePolicy', 'iam:AttachRolePolicy'], Resource: '*' }),
    by: 'ScaleTiers::privilege-escalation',
  },
  {
    name: 'a role that can pass any role to a server',
    stage: 3,
    plant: (stack) => stack.allow(POLICY, { Action: ['iam:PassRole', 'ec2:RunInstances'], Resource: '*' }),
    by: 'ScaleTiers::privilege-escalation',
  },
  // Compute and watching
  {
    name: 'a password in the environment of a container',
    stage: 2,
    plant: (stack) =>
      stack.set('AWS::ECS::TaskDefinition', 'ContainerDefinitions.0.Environment', [
        { Name: 'DATABASE_PASSWORD', Value: 'correct-horse-battery' },
      ]),
    by: 'ScaleTiers::plaintext-secret',
  },
  {
    name: 'a container with all rights on its host',
    stage: 2,
    plant: (stack) => stack.set('AWS::ECS::TaskDefinition', 'ContainerDefinitions.0.Privileged', true),
    by: 'ControlTower::CT.ECS.PR.11',
  },
  {
    name: 'tasks with addresses of their own on the internet',
    stage: 3,
    plant: (stack) => stack.set('AWS::ECS::Service', 'NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp', 'ENABLED'),
    by: 'ControlTower::CT.ECS.PR.9',
  },
  {
    name: 'a server that answers the old metadata service',
    stage: 1,
    plant: (stack) => stack.set('AWS::EC2::LaunchTemplate', 'LaunchTemplateData.MetadataOptions.HttpTokens', 'optional'),
    by: 'ControlTower::CT.EC2.PR.1',
  },
  {
    name: 'a log that is kept for ever',
    stage: 3,
    plant: (stack) => stack.remove('AWS::Logs::LogGroup', 'RetentionInDays'),
    by: 'HIPAA.Security::HIPAA.Security-CloudWatchLogGroupRetentionPeriod',
  },
  {
    name: 'an alarm that nobody hears',
    stage: 3,
    plant: (stack) => stack.remove('AWS::CloudWatch::Alarm', 'AlarmActions'),
    by: 'ControlTower::CT.CLOUDWATCH.PR.1',
  },
  {
    name: 'a property that does not exist',
    stage: 2,
    plant: (stack) => stack.set('AWS::SQS::Queue', 'VisibilityTimeOut', 30),
    by: 'CloudFormation-Validate::F3002',
  },
  {
    name: 'a reference to nothing',
    stage: 2,
    plant: (stack) => stack.set('AWS::ECS::Service', 'Cluster', { Ref: 'Nothing' }),
    by: 'CloudFormation-Validate::F1020',
  },
  {
    name: 'users who may come with a weak password',
    stage: 3,
    plant: (stack) => stack.set('AWS::Cognito::UserPool', 'Policies.PasswordPolicy.MinimumLength', 6),
    by: 'AwsSolutions::AwsSolutions-COG1',
  },
];
