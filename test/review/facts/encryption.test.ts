import { assembly, att, ref, resource, retained, shop, stack, stackOutput } from '../../promotion/templates';
import { encryptionIn } from './in-words';

const KEY = { Key: retained('AWS::KMS::Key') };

describe('encryption', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    [
      'AWS::S3::Bucket',
      {},
      [
        'service default, offered (BucketEncryption is not set: S3 encrypts every new object by itself since January 2023 (SSE-S3))! no policy refuses plain HTTP',
      ],
    ],
    [
      'AWS::S3::Bucket',
      encrypted({ SSEAlgorithm: 'AES256' }),
      ['service default, offered (BucketEncryption: AES256 (SSE-S3))! no policy refuses plain HTTP'],
    ],
    [
      'AWS::S3::Bucket',
      encrypted({ SSEAlgorithm: 'aws:kms' }),
      ['AWS managed key, offered (BucketEncryption: aws:kms)! no policy refuses plain HTTP'],
    ],
    [
      'AWS::S3::Bucket',
      encrypted({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: att('Key', 'Arn') }),
      ['customer key, offered (BucketEncryption: aws:kms)! no policy refuses plain HTTP'],
    ],
    [
      'AWS::EC2::Volume',
      {},
      [
        'none, does not travel (Encrypted is not set: in plain text, unless the account encrypts disks by default)! not encrypted at rest',
      ],
    ],
    ['AWS::EC2::Volume', { Encrypted: true }, ['AWS managed key, does not travel (Encrypted: true)']],
    ['AWS::EC2::Volume', { Encrypted: true, KmsKeyId: ref('Key') }, ['customer key, does not travel (Encrypted: true)']],
    [
      'AWS::EC2::Volume',
      { Encrypted: true, KmsKeyId: ref('WhichKey') },
      ['a key that only a deploy knows, does not travel (Encrypted: true)'],
    ],
    [
      'AWS::EC2::Volume',
      { Encrypted: ref('Encrypt') },
      ['known only to a deploy, does not travel (Encrypted: (known only to a deploy))'],
    ],
    [
      'AWS::EC2::LaunchTemplate',
      { LaunchTemplateData: { BlockDeviceMappings: [{ Ebs: { Encrypted: true } }, { Ebs: {} }, { VirtualName: 'ephemeral0' }] } },
      [
        'AWS managed key, does not travel (LaunchTemplateData.BlockDeviceMappings.0.Ebs.Encrypted: true)',
        'none, does not travel (LaunchTemplateData.BlockDeviceMappings.1.Ebs.Encrypted is not set: in plain text, unless the account encrypts disks by default)! not encrypted at rest',
      ],
    ],
    [
      'AWS::EC2::Instance',
      {},
      [
        'known only to a deploy, does not travel (BlockDeviceMappings is not set: disks are as those of the image, or as the account encrypts by default)! nothing says that its disks are encrypted',
      ],
    ],
    [
      'AWS::RDS::DBCluster',
      {},
      [
        'none, offered (StorageEncrypted is not set: in plain text, or as its snapshot, and no parameter group requires TLS)! not encrypted at rest',
      ],
    ],
    [
      'AWS::RDS::DBInstance',
      { StorageEncrypted: true },
      [
        'AWS managed key, offered (StorageEncrypted: true, and no parameter group requires TLS)! clients may come without TLS, unless their engine requires it by itself',
      ],
    ],
    ['AWS::RDS::DBProxy', { RequireTLS: true }, ['nothing at rest, required (RequireTLS: true)']],
    ['AWS::RDS::DBProxy', {}, ['nothing at rest, offered (RequireTLS is not set: clients choose)! clients may come without TLS']],
    ['AWS::DocDB::DBCluster', { StorageEncrypted: true }, ['AWS managed key, required (StorageEncrypted: true)']],
    [
      'AWS::DynamoDB::Table',
      {},
      ['service default, offered (SSESpecification is not set: DynamoDB encrypts with a key it owns)'],
    ],
    [
      'AWS::DynamoDB::Table',
      { SSESpecification: { SSEEnabled: true } },
      ['AWS managed key, offered (SSESpecification.SSEEnabled)'],
    ],
    [
      'AWS::DynamoDB::Table',
      { SSESpecification: { SSEEnabled: true, KMSMasterKeyId: ref('Key') } },
      ['customer key, offered (SSESpecification.SSEEnabled)'],
    ],
    [
      'AWS::DynamoDB::GlobalTable',
      { SSESpecification: { SSEEnabled: true }, Replicas: [{ SSESpecification: { KMSMasterKeyId: ref('Key') } }] },
      ['customer key, offered (SSESpecification.SSEEnabled)'],
    ],
    [
      'AWS::ElastiCache::ReplicationGroup',
      { Engine: 'valkey', TransitEncryptionEnabled: true },
      ['service default, required (AtRestEncryptionEnabled, TransitEncryptionEnabled)'],
    ],
    [
      'AWS::ElastiCache::ReplicationGroup',
      { Engine: 'redis' },
      ['none, none (AtRestEncryptionEnabled, TransitEncryptionEnabled)! not encrypted at rest'],
    ],
    [
      'AWS::ElastiCache::ReplicationGroup',
      { AtRestEncryptionEnabled: true, TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' },
      ['service default, offered (AtRestEncryptionEnabled, TransitEncryptionEnabled)! clients may come without TLS'],
    ],
    [
      'AWS::OpenSearchService::Domain',
      {},
      [
        'none, offered (EncryptionAtRestOptions, DomainEndpointOptions.EnforceHTTPS, NodeToNodeEncryptionOptions)! not encrypted at rest, clients may come by plain HTTP, not encrypted between its nodes',
      ],
    ],
    [
      'AWS::RedshiftServerless::Namespace',
      {},
      [
        'service default, required (KmsKeyId is not set: Redshift Serverless encrypts with a key it owns; require_ssl of its workgroup)',
      ],
    ],
    [
      'AWS::SQS::Queue',
      {},
      ['service default, offered (SqsManagedSseEnabled is not set: SQS encrypts by itself)! no policy refuses plain HTTP'],
    ],
    ['AWS::SQS::Queue', { SqsManagedSseEnabled: false }, ['none, offered (SqsManagedSseEnabled: false)! not encrypted at rest']],
    ['AWS::SQS::Queue', { KmsMasterKeyId: 'alias/aws/sqs' }, ['AWS managed key, required (KmsMasterKeyId)']],
    [
      'AWS::SNS::Topic',
      {},
      ['none, offered (KmsMasterKeyId is not set: messages are not encrypted while SNS holds them)! not encrypted at rest'],
    ],
    ['AWS::SNS::Topic', { KmsMasterKeyId: ref('Key') }, ['customer key, required (KmsMasterKeyId)']],
    [
      'AWS::Events::EventBus',
      {},
      ['service default, required (KmsKeyIdentifier is not set: EventBridge encrypts with a key it owns)'],
    ],
    [
      'AWS::Kinesis::Stream',
      {},
      ['none, required (StreamEncryption is not set: records are stored in plain text)! not encrypted at rest'],
    ],
    [
      'AWS::Kinesis::Stream',
      { StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' } },
      ['AWS managed key, required (StreamEncryption)'],
    ],
    [
      'AWS::MSK::Cluster',
      {},
      ['AWS managed key, required (EncryptionInfo.EncryptionAtRest, EncryptionInfo.EncryptionInTransit)'],
    ],
    [
      'AWS::MSK::Cluster',
      { EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS_PLAINTEXT' } } },
      [
        'AWS managed key, offered (EncryptionInfo.EncryptionAtRest, EncryptionInfo.EncryptionInTransit)! clients may come without TLS',
      ],
    ],
    [
      'AWS::MSK::Cluster',
      { EncryptionInfo: { EncryptionInTransit: { InCluster: false } } },
      [
        'AWS managed key, required (EncryptionInfo.EncryptionAtRest, EncryptionInfo.EncryptionInTransit)! not encrypted between its brokers',
      ],
    ],
    [
      'AWS::SecretsManager::Secret',
      {},
      ['AWS managed key, required (KmsKeyId is not set: Secrets Manager encrypts with aws/secretsmanager)'],
    ],
    ['AWS::Logs::LogGroup', { KmsKeyId: att('Key', 'Arn') }, ['customer key, required (KmsKeyId)']],
    [
      'AWS::Backup::BackupVault',
      {},
      ['AWS managed key, does not travel (EncryptionKeyArn is not set: AWS Backup encrypts with aws/backup)'],
    ],
    [
      'AWS::ECR::Repository',
      { EncryptionConfiguration: { EncryptionType: 'KMS' } },
      ['AWS managed key, required (EncryptionConfiguration: KMS)'],
    ],
    ['AWS::EFS::FileSystem', {}, ['none, offered (Encrypted is not set: in plain text)! not encrypted at rest']],
    [
      'AWS::SSM::Parameter',
      { Type: 'String' },
      ['service default, required (Type: String, which no key of KMS encrypts (how it is stored is not verified against AWS))'],
    ],
    [
      'AWS::ElasticLoadBalancingV2::Listener',
      { Protocol: 'HTTP', DefaultActions: [{ Type: 'forward' }] },
      ['nothing at rest, none (Protocol: HTTP)! whoever comes is not encrypted'],
    ],
    [
      'AWS::ElasticLoadBalancingV2::Listener',
      { Protocol: 'HTTP', DefaultActions: [{ RedirectConfig: { Protocol: 'HTTPS' } }] },
      ['nothing at rest, required (Protocol: HTTP, which redirects to HTTPS)'],
    ],
    [
      'AWS::ElasticLoadBalancingV2::Listener',
      { Protocol: 'TCP' },
      ['nothing at rest, offered (Protocol: TCP, which passes on what its clients send)'],
    ],
    [
      'AWS::ElasticLoadBalancingV2::TargetGroup',
      { Protocol: 'HTTP' },
      ['nothing at rest, none (Protocol: HTTP, inside of its VPC)'],
    ],
    ['AWS::Timestream::Table', {}, []],
    [
      'AWS::APS::Workspace',
      {},
      [
        'as its service does by default, as its service does (KmsKeyArn is not set: as its service does by default (not verified against AWS))',
      ],
    ],
    ['AWS::APS::Workspace', { KmsKeyArn: ref('Key') }, ['customer key, as its service does (KmsKeyArn)']],
    ['AWS::IAM::Role', {}, []],
  ])('of %s with %j', (type, properties, expected) => {
    expect(encryptionIn({ ...KEY, It: retained(type, properties) }).It ?? []).toEqual(expected);
  });

  function encrypted(ServerSideEncryptionByDefault: Record<string, unknown>) {
    return { BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault }] } };
  }

  test('on the way is required where a policy refuses plain HTTP', () => {
    const deny = {
      Effect: 'Deny',
      Principal: '*',
      Action: '*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    const found = encryptionIn({
      Files: retained('AWS::S3::Bucket'),
      FilesPolicy: resource('AWS::S3::BucketPolicy', { Bucket: ref('Files'), PolicyDocument: { Statement: [deny] } }),
      Jobs: retained('AWS::SQS::Queue'),
      JobsPolicy: resource('AWS::SQS::QueuePolicy', { Queues: [ref('Jobs')], PolicyDocument: { Statement: [deny] } }),
      Shared: retained('AWS::EFS::FileSystem', { Encrypted: true, FileSystemPolicy: { Statement: [deny] } }),
    });
    expect(found.Files[0]).toMatch(/^service default, required \([^!]*$/);
    expect(found.Jobs[0]).toMatch(/^service default, required \([^!]*$/);
    expect(found.Shared).toEqual(['AWS managed key, required (Encrypted: true)']);
  });

  test('on the way is not required by a policy that says something else of it', () => {
    const policy = (Effect: string, value: string) =>
      encryptionIn({
        Files: retained('AWS::S3::Bucket'),
        Policy: resource('AWS::S3::BucketPolicy', {
          Bucket: ref('Files'),
          PolicyDocument: {
            Statement: [
              { Effect, Principal: '*', Action: '*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': value } } },
            ],
          },
        }),
      }).Files[0];
    expect(policy('Deny', 'false')).toMatch(/^service default, required /);
    expect(policy('Deny', 'true')).toMatch(/^service default, offered /);
    expect(policy('Allow', 'false')).toMatch(/^service default, offered /);
  });

  test('of a database is required by its parameter group', () => {
    const rows = (value: unknown) =>
      encryptionIn({
        Group: resource('AWS::RDS::DBClusterParameterGroup', { Parameters: { 'rds.force_ssl': value } }),
        Rows: retained('AWS::RDS::DBCluster', { StorageEncrypted: true, DBClusterParameterGroupName: ref('Group') }),
        Writer: resource('AWS::RDS::DBInstance', { DBClusterIdentifier: ref('Rows') }),
      });
    expect(rows('1').Rows).toEqual(['AWS managed key, required (StorageEncrypted: true, and its parameter group requires TLS)']);
    expect(rows('0').Rows[0]).toMatch(/^AWS managed key, offered /);
    expect(rows('1').Writer).toBeUndefined();
  });

  test('of a warehouse is as its workgroup says', () => {
    const workgroup = (ParameterValue: string) =>
      encryptionIn({
        Warehouse: retained('AWS::RedshiftServerless::Namespace'),
        Workgroup: resource('AWS::RedshiftServerless::Workgroup', {
          NamespaceName: ref('Warehouse'),
          ConfigParameters: [{ ParameterKey: 'require_ssl', ParameterValue }],
        }),
      }).Warehouse[0];
    expect(workgroup('true')).toMatch(/^service default, required /);
    expect(workgroup('false')).toMatch(/^service default, offered .*! clients may come without TLS$/);
  });

  test('of a copied cache is that of its primary', () => {
    const home = stack(
      'Home',
      {
        Cache: retained('AWS::ElastiCache::ReplicationGroup', { AtRestEncryptionEnabled: true, TransitEncryptionEnabled: true }),
        Link: retained('AWS::ElastiCache::GlobalReplicationGroup', { Members: [{ ReplicationGroupId: ref('Cache') }] }),
      },
      { outputs: { Link: { Value: ref('Link') } } },
    );
    const copy = {
      Copy: retained('AWS::ElastiCache::ReplicationGroup', {
        GlobalReplicationGroupId: stackOutput('Home', 'Link', 'us-east-1'),
      }),
    };
    const far = stack('Far', copy, { region: 'eu-west-1' });
    expect(encryptionIn(assembly(home, far))['eu-west-1:Copy']).toEqual([
      'service default, required (AtRestEncryptionEnabled, TransitEncryptionEnabled of its primary in us-east-1)',
    ]);
    expect(encryptionIn(assembly(far))['eu-west-1:Copy']).toEqual([
      'known only to a deploy, known only to a deploy (AtRestEncryptionEnabled, TransitEncryptionEnabled of its primary, which is not in this assembly)',
    ]);
  });

  test('of a distribution is told for viewers and for each origin', () => {
    const site = (viewers: string) =>
      encryptionIn({
        Site: resource('AWS::CloudFront::Distribution', {
          DistributionConfig: {
            DefaultCacheBehavior: { ViewerProtocolPolicy: viewers },
            Origins: [
              { Id: 'a', CustomOriginConfig: { OriginProtocolPolicy: 'http-only' } },
              { Id: 'b', CustomOriginConfig: { OriginProtocolPolicy: 'match-viewer' } },
              { Id: 'c', S3OriginConfig: {} },
            ],
          },
        }),
      }).Site;
    expect(site('allow-all')).toEqual([
      'nothing at rest, offered (ViewerProtocolPolicy: allow-all)! viewers may come by plain HTTP',
      'nothing at rest, none (DistributionConfig.Origins.0 (a): OriginProtocolPolicy: http-only)! CloudFront comes to this origin by plain HTTP',
      'nothing at rest, offered (DistributionConfig.Origins.1 (b): OriginProtocolPolicy: match-viewer)',
      'nothing at rest, offered (DistributionConfig.Origins.2 (c): CloudFront comes to S3 as viewers come)',
    ]);
    expect(site('https-only').map((line) => line.split(' (')[0])).toEqual([
      'nothing at rest, required',
      'nothing at rest, none',
      'nothing at rest, required',
      'nothing at rest, required',
    ]);
  });

  test('is told of all that keeps data in a shop', () => {
    const missing = [
      'Users',
      'Database',
      'Cache',
      'Jobs',
      'Events',
      'Assets',
      'Files',
      'Search',
      'Warehouse',
      'Log',
      'Vault',
      'Images',
      'Disk',
      'Login',
      'SharedTable',
      'EventStream',
      'DataKey',
    ];
    const found = Object.keys(encryptionIn(shop()));
    expect(missing.filter((id) => !found.includes(id))).toEqual([]);
  });
});
