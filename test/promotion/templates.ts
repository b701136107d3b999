import type { Assembly, AssemblyStack, TemplateResource } from '../../lib/assembly/cloud-assembly';

type Resources = Record<string, TemplateResource>;

/** What may be said about a stack beside its resources. */
export interface StackOptions {
  readonly region?: string;
  readonly account?: string;
  readonly outputs?: Record<string, Record<string, unknown>>;
  readonly conditions?: Record<string, unknown>;
  /** Stack names, as artifact ids. */
  readonly dependencies?: string[];
  /** Construct path of the stack; resources lie below it under their logical ids, unless told otherwise. */
  readonly constructPath?: string;
  readonly paths?: Record<string, string>;
  readonly nested?: Record<string, AssemblyStack>;
}

export function stack(stackName: string, resources: Resources, options: StackOptions = {}): AssemblyStack {
  const { region = 'us-east-1', account = '111111111111', constructPath = `app/${stackName}` } = options;
  const paths = Object.fromEntries(Object.keys(resources).map((id) => [id, `${constructPath}/${id}`]));
  return {
    artifactId: stackName,
    stackName,
    region,
    account,
    templateFile: `${stackName}.template.json`,
    template: {
      Resources: resources,
      ...(options.outputs ? { Outputs: options.outputs } : {}),
      ...(options.conditions ? { Conditions: options.conditions } : {}),
    },
    dependencies: options.dependencies ?? [],
    paths: { ...paths, ...options.paths },
    constructPath,
    ...(options.nested ? { nested: options.nested } : {}),
  };
}

export function assembly(...stacks: AssemblyStack[]): Assembly {
  return { directory: 'cdk.out', stacks };
}

const RETAIN = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };

/** A resource that is kept whatever happens to its stack. */
export function retained(
  Type: string,
  Properties: Record<string, unknown> = {},
  more: Partial<TemplateResource> = {},
): TemplateResource {
  return { Type, Properties, ...RETAIN, ...more };
}

export function resource(
  Type: string,
  Properties: Record<string, unknown> = {},
  more: Partial<TemplateResource> = {},
): TemplateResource {
  return { Type, Properties, ...more };
}

export function ref(logicalId: string): { Ref: string } {
  return { Ref: logicalId };
}

export function att(logicalId: string, attribute: string): { 'Fn::GetAtt': string[] } {
  return { 'Fn::GetAtt': [logicalId, attribute] };
}

export function stackOutput(StackName: string, OutputName: string, Region: string): Record<string, unknown> {
  return { 'Fn::GetStackOutput': { StackName, OutputName, Region } };
}

/** A shop with one of everything that holds state, as the CDK would write it. */
export function shop(): Resources {
  const subnet = (third: number, zone: string) =>
    resource('AWS::EC2::Subnet', { VpcId: ref('Vpc'), CidrBlock: `10.0.${third}.0/24`, AvailabilityZone: `us-east-1${zone}` });
  const subnets = [ref('DataSubnet1'), ref('DataSubnet2')];
  return {
    Vpc: resource('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16', InstanceTenancy: 'dedicated' }),
    DataSubnet1: subnet(32, 'a'),
    Runbook: resource('AWS::SSM::Document', {
      Content: { schemaVersion: '2.2' },
      DocumentType: 'Command',
      UpdateMethod: 'NewVersion',
    }),
    Script: resource('AWS::SSM::Document', { Content: { schemaVersion: '2.2' }, DocumentType: 'Command' }),
    DataSubnet2: subnet(33, 'b'),
    Guard: resource('AWS::EC2::SecurityGroup', { GroupDescription: 'data', VpcId: ref('Vpc') }),
    DataKey: retained('AWS::KMS::Key', { MultiRegion: true, EnableKeyRotation: true, KeyPolicy: { Version: '2012-10-17' } }),
    Disk: retained('AWS::EC2::Volume', {
      AvailabilityZone: 'us-east-1a',
      Encrypted: true,
      KmsKeyId: att('DataKey', 'Arn'),
      Size: 40,
      VolumeType: 'gp3',
    }),
    Box: resource('AWS::EC2::Instance', {
      ImageId: 'ami-1',
      InstanceType: 't4g.small',
      SubnetId: ref('DataSubnet1'),
      UserData: { 'Fn::Base64': 'echo one' },
    }),
    Login: retained('AWS::SecretsManager::Secret', {
      GenerateSecretString: { SecretStringTemplate: '{"username":"app"}', GenerateStringKey: 'password' },
      KmsKeyId: att('DataKey', 'Arn'),
    }),
    DatabaseSubnets: resource('AWS::RDS::DBSubnetGroup', { DBSubnetGroupDescription: 'data', SubnetIds: subnets }),
    DatabaseParameters: resource('AWS::RDS::DBClusterParameterGroup', {
      Family: 'aurora-postgresql16',
      Description: 'shop',
      Parameters: { 'rds.force_ssl': '1' },
    }),
    Database: retained('AWS::RDS::DBCluster', {
      Engine: 'aurora-postgresql',
      EngineVersion: '16.6',
      DatabaseName: 'shop',
      StorageEncrypted: true,
      KmsKeyId: att('DataKey', 'Arn'),
      DBSubnetGroupName: ref('DatabaseSubnets'),
      DBClusterParameterGroupName: ref('DatabaseParameters'),
      MasterUsername: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', ref('Login'), ':SecretString:username::}}']] },
      MasterUserPassword: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', ref('Login'), ':SecretString:password::}}']] },
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
      Port: 5432,
    }),
    DatabaseWriter: resource('AWS::RDS::DBInstance', {
      DBClusterIdentifier: ref('Database'),
      DBInstanceClass: 'db.serverless',
      Engine: 'aurora-postgresql',
    }),
    Reports: retained('AWS::RDS::DBInstance', {
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.small',
      AllocatedStorage: '20',
      BackupRetentionPeriod: 1,
      StorageType: 'gp3',
      MultiAZ: false,
      DBSubnetGroupName: ref('DatabaseSubnets'),
      StorageEncrypted: true,
      Port: '5432',
      SourceDBInstanceIdentifier: 'legacy',
    }),
    Proxy: resource('AWS::RDS::DBProxy', {
      DBProxyName: 'shop-proxy',
      EngineFamily: 'POSTGRESQL',
      RoleArn: 'arn:role',
      Auth: [{ SecretArn: ref('Login') }],
      VpcSubnetIds: subnets,
    }),
    CacheSubnets: resource('AWS::ElastiCache::SubnetGroup', { Description: 'data', SubnetIds: subnets }),
    Cache: retained(
      'AWS::ElastiCache::ReplicationGroup',
      {
        ReplicationGroupDescription: 'shop',
        Engine: 'valkey',
        CacheNodeType: 'cache.t4g.micro',
        CacheSubnetGroupName: ref('CacheSubnets'),
        NumNodeGroups: 1,
        ReplicasPerNodeGroup: 1,
        AtRestEncryptionEnabled: true,
        TransitEncryptionEnabled: true,
        AutomaticFailoverEnabled: true,
        KmsKeyId: ref('DataKey'),
        Durability: 'disabled',
        Port: 6379,
      },
      { UpdatePolicy: { UseOnlineResharding: true } },
    ),
    OldCache: retained('AWS::ElastiCache::ReplicationGroup', {
      ReplicationGroupDescription: 'legacy',
      Engine: 'redis',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      ClusterMode: 'disabled',
      AuthToken: 'sixteen-characters',
    }),
    SharedTable: retained('AWS::DynamoDB::GlobalTable', {
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'email', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [{ Region: 'us-east-1' }],
      GlobalSecondaryIndexes: [index('byEmail', 'email')],
    }),
    Sessions: retained('AWS::DynamoDB::Table', {
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'user', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [index('byUser', 'user')],
    }),
    EventStream: retained('AWS::MSK::Cluster', {
      ClusterName: 'shop-events',
      KafkaVersion: '3.8.x',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m7g.large', ClientSubnets: subnets, SecurityGroups: [ref('Guard')] },
      EncryptionInfo: {
        EncryptionAtRest: { DataVolumeKMSKeyId: att('DataKey', 'Arn') },
        EncryptionInTransit: { InCluster: true },
      },
      ClientAuthentication: { Sasl: { Iam: { Enabled: true } } },
    }),
    Jobs: retained('AWS::SQS::Queue', { KmsMasterKeyId: ref('DataKey'), VisibilityTimeout: 30 }),
    Events: retained('AWS::SNS::Topic', { KmsMasterKeyId: ref('DataKey') }),
    Assets: retained('AWS::S3::Bucket', { VersioningConfiguration: { Status: 'Enabled' } }),
    Files: retained('AWS::EFS::FileSystem', {
      Encrypted: true,
      KmsKeyId: att('DataKey', 'Arn'),
      PerformanceMode: 'generalPurpose',
    }),
    Users: retained('AWS::Cognito::UserPool', {
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      Schema: [{ Name: 'email', AttributeDataType: 'String', Mutable: true, Required: true }],
      UserPoolTier: 'ESSENTIALS',
    }),
    UsersClient: retained('AWS::Cognito::UserPoolClient', { UserPoolId: ref('Users'), GenerateSecret: false }),
    Search: retained(
      'AWS::OpenSearchService::Domain',
      {
        EngineVersion: 'OpenSearch_2.17',
        EncryptionAtRestOptions: { Enabled: true, KmsKeyId: ref('DataKey') },
        VPCOptions: { SubnetIds: subnets, SecurityGroupIds: [ref('Guard')] },
        ClusterConfig: { InstanceType: 'm7g.medium.search', InstanceCount: 2 },
        IPAddressType: 'dualstack',
      },
      { UpdatePolicy: { EnableVersionUpgrade: true } },
    ),
    OpenSearch: retained(
      'AWS::OpenSearchService::Domain',
      { EngineVersion: 'OpenSearch_2.17' },
      { UpdatePolicy: { EnableVersionUpgrade: true } },
    ),
    Warehouse: retained('AWS::RedshiftServerless::Namespace', {
      NamespaceName: 'shop',
      DbName: 'shop',
      KmsKeyId: ref('DataKey'),
      Tags: [{ Key: 'product', Value: 'shop' }],
    }),
    Documents: retained('AWS::OpenSearchServerless::Collection', { Name: 'documents', Type: 'SEARCH', Tags: [] }),
    Log: retained('AWS::Logs::LogGroup', { RetentionInDays: 30 }),
    Vault: retained('AWS::Backup::BackupVault', { BackupVaultName: 'shop', EncryptionKeyArn: att('DataKey', 'Arn') }),
    Images: retained('AWS::ECR::Repository', { ImageScanningConfiguration: { ScanOnPush: true } }),
    Zone: retained('AWS::Route53::HostedZone', { Name: 'shop.example.' }),
    Record: resource('AWS::Route53::RecordSet', {
      HostedZoneId: ref('Zone'),
      Name: 'www.shop.example.',
      Type: 'A',
      AliasTarget: { DNSName: 'one.example', HostedZoneId: 'Z1' },
    }),
    Scratch: resource('AWS::SQS::Queue', { VisibilityTimeout: 30 }),
    Web: resource('AWS::ECS::Service', { LaunchType: 'FARGATE', DesiredCount: 2, TaskDefinition: 'web:1' }),
  };
}

export function index(IndexName: string, AttributeName: string): Record<string, unknown> {
  return { IndexName, KeySchema: [{ AttributeName, KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } };
}

/** The properties of a resource, to be altered. */
export function properties(resources: Resources, logicalId: string): Record<string, unknown> {
  return resources[logicalId].Properties!;
}
