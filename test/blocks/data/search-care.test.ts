import { Duration, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { IndexPolicy } from '../../../lib/blocks/data/index-policy';
import { ReplicationSlotAlarm } from '../../../lib/blocks/data/replication-slot-alarm';
import { SearchAlarms } from '../../../lib/blocks/data/search-alarms';
import { SearchDomain } from '../../../lib/blocks/data/search-domain';
import { SearchFeed, type SearchFeedProps } from '../../../lib/blocks/data/search-feed';
import { SearchFeedFiles } from '../../../lib/blocks/data/search-feed-files';
import { SearchIndexPolicies, type SearchIndexPoliciesProps } from '../../../lib/blocks/data/search-index-policies';
import { SearchPipeline } from '../../../lib/blocks/data/search-pipeline';
import { SearchSize } from '../../../lib/blocks/data/search-size';
import { agnosticStack, testStack } from '../../stacks';
import { existingVpc, flagDependent, losses, templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

const domain = (stack: Stack, zones = 3, size = SearchSize.USERS_1M) =>
  SearchDomain.fromAttributes(stack, 'Search', {
    domainName: 'shop',
    domainArn: 'arn:aws:es:us-east-1:123456789012:domain/shop',
    endpoint: 'search.example.com',
    securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'SearchGroup', 'sg-0123456789abcdef0'),
    credentials: secretsmanager.Secret.fromSecretCompleteArn(
      stack,
      'Credentials',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:search-AbCdEf',
    ),
    size,
    zones,
  });
const key = (stack: Stack) =>
  kms.Key.fromKeyArn(stack, 'Given', 'arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef');
const topic = (stack: Stack) => sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:alarms');

const alarms =
  (zones = 3, size = SearchSize.USERS_1M) =>
  (stack: Stack) =>
    new SearchAlarms(stack, 'It', { domain: domain(stack, zones, size), alarmTopic: topic(stack) });

const policies =
  (props: Partial<SearchIndexPoliciesProps> = {}, zones = 3) =>
  (stack: Stack) => {
    const vpc = existingVpc(stack);
    return new SearchIndexPolicies(stack, 'It', {
      vpc,
      vpcSubnets: { subnets: vpc.isolatedSubnets },
      domain: domain(stack, zones),
      encryptionKey: key(stack),
      alarmTopic: topic(stack),
      ...props,
    });
  };

const fed =
  (feed = SearchFeed.ofTables('public.products')) =>
  (stack: Stack) => {
    const vpc = existingVpc(stack);
    const encryptionKey = key(stack);
    const files = new SearchFeedFiles(stack, 'Files', { encryptionKey });
    return new SearchPipeline(stack, 'It', {
      vpc,
      vpcSubnets: { subnets: vpc.isolatedSubnets },
      database: AuroraDatabase.fromAttributes(stack, 'Database', {
        clusterIdentifier: 'shop',
        securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'DatabaseGroup', 'sg-0123456789abcdef1'),
        writerHost: 'shop.example.com',
        databaseName: 'app',
        engineVersion: rds.AuroraPostgresEngineVersion.VER_16_13,
        secret: secretsmanager.Secret.fromSecretCompleteArn(
          stack,
          'Password',
          'arn:aws:secretsmanager:us-east-1:123456789012:secret:database-AbCdEf',
        ),
      }),
      domain: domain(stack),
      feed,
      bucket: files.bucket,
      logGroup: files.logGroup,
      encryptionKey,
      alarmTopic: topic(stack),
    });
  };

describe('alarms on a search domain', () => {
  test('ring for its nodes, and tell the topic, also of the end', () => {
    const template = templateOf(alarms());
    template.resourceCountIs('AWS::CloudWatch::Alarm', 13);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: ['arn:aws:sns:us-east-1:123456789012:alarms'],
      OKActions: ['arn:aws:sns:us-east-1:123456789012:alarms'],
    });
  });

  test.each([
    ['ClusterStatus.red', 1, 1, 60, 'Maximum', 'GreaterThanOrEqualToThreshold'],
    ['ClusterStatus.yellow', 1, 15, 60, 'Maximum', 'GreaterThanOrEqualToThreshold'],
    ['FreeStorageSpace', 25600, 1, 60, 'Minimum', 'LessThanOrEqualToThreshold'],
    ['ClusterIndexWritesBlocked', 1, 1, 300, 'Maximum', 'GreaterThanOrEqualToThreshold'],
    ['Nodes', 6, 4, 900, 'Minimum', 'LessThanThreshold'],
    ['MasterReachableFromNode', 1, 5, 60, 'Maximum', 'LessThanThreshold'],
    ['AutomatedSnapshotFailure', 1, 1, 60, 'Maximum', 'GreaterThanOrEqualToThreshold'],
    ['CPUUtilization', 80, 3, 900, 'Maximum', 'GreaterThanOrEqualToThreshold'],
    ['JVMMemoryPressure', 95, 3, 60, 'Maximum', 'GreaterThanOrEqualToThreshold'],
    ['MasterCPUUtilization', 50, 3, 900, 'Maximum', 'GreaterThanOrEqualToThreshold'],
    ['MasterJVMMemoryPressure', 95, 3, 60, 'Maximum', 'GreaterThanOrEqualToThreshold'],
  ])('%s', (MetricName, Threshold, EvaluationPeriods, Period, Statistic, ComparisonOperator) => {
    templateOf(alarms()).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/ES',
      MetricName,
      Dimensions: [
        { Name: 'ClientId', Value: '123456789012' },
        { Name: 'DomainName', Value: 'shop' },
      ],
      Threshold,
      EvaluationPeriods,
      Period,
      Statistic,
      ComparisonOperator,
      TreatMissingData: 'notBreaching',
    });
  });

  test('know the size: disk and number of nodes', () => {
    const template = templateOf(alarms(2, SearchSize.USERS_10M));
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'FreeStorageSpace', Threshold: 128000 });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'Nodes', Threshold: 7 });
  });

  test('ring when a tenth of all requests fails, and when the key cannot be used', () => {
    const template = templateOf(alarms());
    const metrics = (...names: string[]) =>
      names.map((MetricName) => Match.objectLike({ MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName }) }) }));
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 10,
      Metrics: [
        Match.objectLike({ Expression: 'IF(requests > 0, 100 * errors / requests, 0)' }),
        ...metrics('5xx', 'OpenSearchRequests'),
      ],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: [Match.objectLike({ Expression: 'MAX([failing, gone])' }), ...metrics('KMSKeyError', 'KMSKeyInaccessible')],
    });
  });
});

describe('policies for indexes', () => {
  const planOf = (build: (stack: Stack) => unknown) =>
    JSON.parse(
      Object.values(templateOf((stack) => void build(stack)).findResources('AWS::Scheduler::Schedule'))[0].Properties.Target
        .Input,
    );

  test('are set each hour, from inside the VPC, by a function that a deploy does not wait for', () => {
    const template = templateOf(policies());
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 hour)',
      State: Match.absent(),
      Target: { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ItFunction'), 'Arn'] } },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'] },
      Environment: {
        Variables: { ENDPOINT: 'https://search.example.com', CREDENTIALS: Match.stringLikeRegexp('secret:search-AbCdEf$') },
      },
      Runtime: 'python3.14',
    });
    expect(JSON.stringify(template.toJSON())).not.toContain('Custom::');
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: 'sg-0123456789abcdef0',
      FromPort: 443,
      ToPort: 443,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'Errors', EvaluationPeriods: 2, Period: 3600 });
  });

  test('give every new index a copy in each further zone, and every index its slow log', () => {
    const settings = {
      'index.search.slowlog.threshold.query.warn': '1000ms',
      'index.search.slowlog.threshold.fetch.warn': '1000ms',
      'index.indexing.slowlog.threshold.index.warn': '1000ms',
    };
    const plan = planOf(policies());
    expect(plan.settings).toEqual(settings);
    expect(plan.defaults).toEqual({
      'product-defaults': {
        index_patterns: ['*'],
        order: -1,
        settings: { 'index.number_of_shards': '1', 'index.number_of_replicas': '2', ...settings },
      },
    });
    expect(planOf(policies({ slowAfter: Duration.millis(250) })).settings).toMatchObject({
      'index.search.slowlog.threshold.query.warn': '250ms',
    });
    const two = planOf((stack) => policies({}, 2)(stack));
    expect(two.defaults['product-defaults'].settings['index.number_of_replicas']).toBe('1');
  });

  test('delete nothing but log streams, unless somebody says so', () => {
    expect(Object.keys(planOf(policies()).policies)).toEqual(['log-stream']);
    expect(planOf(policies()).attach).toEqual({ 'log-stream': 'log-stream-*' });
    expect(planOf(policies()).policies['log-stream']).toEqual({
      default_state: 'kept',
      states: [
        {
          name: 'kept',
          actions: [{ rollover: { min_index_age: '1d', min_primary_shard_size: '30gb' } }],
          transitions: [{ state_name: 'deleted', conditions: { min_rollover_age: '30d' } }],
        },
        { name: 'deleted', actions: [{ delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: ['log-stream-*'], priority: 100 }],
    });
    const more = planOf((stack) => policies()(stack).add(IndexPolicy.deleteAfter('sessions-*', Duration.hours(36))));
    expect(more.policies.sessions.states[0].transitions).toEqual([
      { state_name: 'deleted', conditions: { min_index_age: '36h' } },
    ]);
  });

  test('never delete what a feed fills', () => {
    const feed = SearchFeed.ofTables('public.products', 'public.sessions');
    const role = (stack: Stack) => iam.Role.fromRoleArn(stack, 'Feed', 'arn:aws:iam::123456789012:role/feed');
    const stack = testStack();
    const it = policies({ policies: [IndexPolicy.deleteAfter('sess*', Duration.days(7))] })(stack);
    const message = "policies must not delete what a feed fills, got 'sess*', which covers 'sessions': narrow the pattern";
    expect(() => it.feed(feed, role(stack))).toThrow(message);
    const other = testStack();
    const late = policies({ policies: [] })(other);
    late.feed(feed, role(other));
    expect(() => late.add(IndexPolicy.deleteAfter('sess*', Duration.days(7)))).toThrow(message);
  });

  test('let the role of a feed write its indexes and no others', () => {
    const plan = planOf((stack) => {
      const role = iam.Role.fromRoleArn(stack, 'Feed', 'arn:aws:iam::123456789012:role/feed');
      const tables = [{ table: 'public.products', fields: { made_at: 'date' }, shards: 3 }, { table: 'sales.orders' }];
      policies()(stack).feed(SearchFeed.of({ tables }), role);
    });
    expect(plan.roles['product-feed'].index_permissions).toEqual([
      { index_patterns: ['products', 'orders'], allowed_actions: ['indices_all'] },
    ]);
    expect(plan.members).toEqual({ 'product-feed': ['arn:aws:iam::123456789012:role/feed'] });
    expect(plan.templates['product-feed-products']).toMatchObject({
      index_patterns: ['products'],
      template: { settings: { 'index.number_of_shards': '3' }, mappings: { properties: { made_at: { type: 'date' } } } },
    });
    expect(plan.templates['product-feed-orders'].template.mappings).toBeUndefined();
  });

  test('may do what they need and nothing else', () => {
    templateOf(policies()).hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: Match.stringLikeRegexp('secret:search-AbCdEf$') },
        ]),
      },
    });
  });

  test.each<[() => unknown, string]>([
    [
      () => IndexPolicy.deleteAfter('*', Duration.days(1)),
      "pattern must be at least three lower-case letters, digits, dots, dashes or underscores, and a star at the end if it is more than one index, got: '*'",
    ],
    [() => IndexPolicy.deleteAfter('Logs-*', Duration.days(1)), /^pattern must be at least three .* got: 'Logs-\*'$/ as never],
    [
      () => IndexPolicy.deleteAfter('logs-*', Duration.minutes(90)),
      'age must be whole hours or days, at least one hour, got: 1 hour 30 minutes',
    ],
    [() => IndexPolicy.rollover('logs-*', { maxShardGiB: 51 }), 'maxShardGiB must be a whole number from 1 to 50, got: 51'],
    [
      () => policies({ policies: [IndexPolicy.LOG_STREAMS, IndexPolicy.rollover('log-stream*')] })(testStack()),
      "policies must be for different indexes, got 'log-stream*' twice: leave one out",
    ],
    [() => policies({ slowAfter: Duration.millis(0) })(testStack()), 'slowAfter must be at least one millisecond, got: 0'],
  ])('refuse what cannot be meant (%#)', (act, message) => {
    expect(act).toThrow(message);
  });

  test('break no policy', () => {
    const stack = agnosticStack();
    const it = policies()(stack);
    expect(nagFindings(stack)).toEqual([]);
    expect(everyPack(it)).toEqual({ open: [], unused: [] });
  });
});

describe('a search pipeline', () => {
  test('follows tables of the database, one index each, so that what comes twice or late changes nothing', () => {
    const template = templateOf((stack) => fed(SearchFeed.ofTables('public.products', 'sales.orders'))(stack));
    const [pipeline] = Object.values(template.findResources('AWS::OSIS::Pipeline'));
    const body = pipeline.Properties.PipelineConfigurationBody['Fn::Join'][1]
      .map((part: unknown) => (typeof part === 'string' ? part : 'TOKEN'))
      .join('');
    expect(body).toBe(CONFIGURATION);
    expect(pipeline.Properties).toMatchObject({
      MinUnits: 1,
      MaxUnits: 4,
      BufferOptions: { PersistentBufferEnabled: false },
      LogPublishingOptions: { IsLoggingEnabled: true },
      VpcOptions: {
        SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'],
        VpcAttachmentOptions: { AttachToVpc: true, CidrBlock: '192.168.254.0/24' },
      },
    });
    expect(pipeline.Properties.PipelineName).toMatch(/^[a-z][a-z0-9-]{2,27}$/);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-0123456789abcdef1', FromPort: 5432 });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-0123456789abcdef0', FromPort: 443 });
  });

  test('is another one for other tables, for none can be moved to them, and the same for another size', () => {
    const nameOf = (props: SearchFeedProps) =>
      Object.values(templateOf((stack) => void fed(SearchFeed.of(props))(stack)).findResources('AWS::OSIS::Pipeline'))[0]
        .Properties.PipelineName;
    const one = nameOf({ tables: [{ table: 'public.products' }] });
    expect(nameOf({ tables: [{ table: 'public.products' }], maxUnits: 9 })).toBe(one);
    expect(nameOf({ tables: [{ table: 'public.products', fields: { made_at: 'date' } }] })).toBe(one);
    expect(nameOf({ tables: [{ table: 'public.orders' }] })).not.toBe(one);
    expect(nameOf({ tables: [{ table: 'public.products' }], cidr: '10.250.1.0/24' })).not.toBe(one);
  });

  test('comes and goes, and what it left behind stays', () => {
    const without = (stack: Stack) => {
      existingVpc(stack);
      new SearchFeedFiles(stack, 'Files', { encryptionKey: key(stack) });
    };
    expect(losses(without, (stack) => void fed()(stack))).toEqual([]);
    const gone = losses((stack) => void fed()(stack), without);
    expect(gone.filter((loss) => /S3|Logs/.test(loss))).toEqual([]);
    expect(gone).toContain('AWS::OSIS::Pipeline WILL_DESTROY');
  });

  test('keeps refused documents, deletes copies of tables, and neither is public', () => {
    const template = templateOf((stack) => void fed()(stack));
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            Match.objectLike({ ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: 'aws:kms' }) }),
          ],
        },
        LifecycleConfiguration: {
          Rules: [
            { Prefix: 'export/', ExpirationInDays: 14, NoncurrentVersionExpiration: { NoncurrentDays: 1 }, Status: 'Enabled' },
            {
              ExpirationInDays: Match.absent(),
              NoncurrentVersionExpiration: { NoncurrentDays: 30 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              Status: 'Enabled',
            },
          ],
        },
      },
    });
    template.hasResource('AWS::Logs::LogGroup', {
      // A first deploy that failed would block its name for the next.
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/OpenSearchIngestion/'), KmsKeyId: Match.anyValue() },
    });
  });

  test.each([
    'search-feed-s3.opensearch.s3.dlqS3RecordsSuccess.count',
    'search-feed.rds.streamRecordsFailedTotal',
    'search-feed.rds.exportRecordsFailedTotal',
  ])('rings at %s', (MetricName) => {
    templateOf((stack) => void fed()(stack)).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/OSIS',
      MetricName,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test('may write objects in parts and see their versions, in two folders, and nothing else', () => {
    const template = templateOf((stack) => void fed()(stack));
    const objects = ['GetObject', 'GetObjectVersion', 'PutObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'];
    const Action = [...objects, 'DeleteObject', 'DeleteObjectVersion'].map((name) => `s3:${name}`);
    const folder = (name: string) => ({ 'Fn::Join': ['', [Match.anyValue(), `/${name}/*`]] });
    for (const Resource of [folder('export'), [folder('export'), folder('dead-letters')]]) {
      template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
        PolicyDocument: { Statement: Match.arrayWith([{ Action, Effect: 'Allow', Resource }]) },
      });
    }
  });

  test('refuses a range of the VPC', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Own', { ipAddresses: ec2.IpAddresses.cidr('192.168.0.0/16') });
    const imported = ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: 'vpc-1',
      vpcCidrBlock: '192.168.0.0/16',
      availabilityZones: vpc.availabilityZones,
    });
    expect(
      () =>
        new SearchPipeline(stack, 'It', {
          vpc: imported,
          feed: SearchFeed.ofTables('public.products'),
        } as never),
    ).toThrow(
      "searchFeed: cidr must not overlap the range of the VPC (192.168.0.0/16), got '192.168.254.0/24': choose another private /24, such as 172.31.254.0/24",
    );
  });

  test('is not changed by feature flags, and breaks no policy', () => {
    expect(flagDependent((stack) => void fed()(stack), 'AWS::S3::Bucket', 'AWS::OSIS::Pipeline')).toEqual([]);
    const stack = agnosticStack();
    const it = fed()(stack);
    expect(nagFindings(stack)).toEqual([]);
    expect(everyPack(it)).toEqual({ open: [], unused: [] });
    expect(everyPack(stack.node.findChild('Files').node.findChild('Bucket'))).toEqual({ open: [], unused: [] });
  });
});

const TABLE = { table: 'public.products' };
test.each<[SearchFeedProps, string]>([
  [{ tables: [] }, 'searchFeed: tables must name at least one table, got none: leave searchFeed out to index nothing'],
  [
    { tables: [{ table: 'products' }] },
    "searchFeed: tables must each be schema.table in lower case, such as public.products, got 'products': an index has no other letters",
  ],
  [
    { tables: [{ table: 'public.products', shards: 0 }] },
    "searchFeed: shards of 'public.products' must be a whole number from 1 to 100, got: 0",
  ],
  [
    { tables: [TABLE, { table: 'sales.products' }] },
    "searchFeed: tables must have different names, got 'products' twice: the index has the name of the table alone",
  ],
  [{ tables: [TABLE], minUnits: 0 }, 'searchFeed: minUnits must be a whole number from 1 to 96, got: 0'],
  [{ tables: [TABLE], minUnits: 3, maxUnits: 2 }, 'searchFeed: maxUnits must be a whole number from minUnits (3) to 96, got: 2'],
  [
    { tables: [TABLE], cidr: '8.8.8.0/24' },
    "searchFeed: cidr must be a private range of 256 addresses, such as 192.168.254.0/24, got: '8.8.8.0/24'",
  ],
])('a search feed refuses %j', (props, message) => {
  expect(() => SearchFeed.of(props)).toThrow(message);
});

test('an alarm rings when nobody follows the log of the database', () => {
  const build = (maxLagGiB?: number) => (stack: Stack) =>
    void new ReplicationSlotAlarm(stack, 'It', { clusterIdentifier: 'shop', maxLagGiB, alarmTopic: topic(stack) });
  templateOf(build()).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/RDS',
    MetricName: 'OldestReplicationSlotLag',
    Dimensions: [{ Name: 'DBClusterIdentifier', Value: 'shop' }],
    Statistic: 'Maximum',
    Threshold: 10 * 1024 ** 3,
    EvaluationPeriods: 3,
  });
  expect(() => build(0)(testStack())).toThrow('maxLagGiB must be a whole number from 1 to 1000, got: 0');
});

const CONFIGURATION = `version: "2"
search-feed:
  source:
    rds:
      db_identifier: "shop"
      engine: aurora-postgresql
      database: "app"
      tables:
        include:
          - "public.products"
          - "sales.orders"
      acknowledgments: true
      s3_bucket: "TOKEN"
      s3_region: "us-east-1"
      s3_prefix: "export"
      export:
        kms_key_id: "arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"
        iam_role_arn: "TOKEN"
      stream: true
      aws:
        sts_role_arn: "TOKEN"
        region: "us-east-1"
      authentication:
        username: \${{aws_secrets:database:username}}
        password: \${{aws_secrets:database:password}}
  sink:
    - opensearch:
        hosts: ["https://search.example.com"]
        index: "\${getMetadata(\\"table_name\\")}"
        index_type: custom
        document_id: "\${getMetadata(\\"primary_key\\")}"
        action: "\${getMetadata(\\"opensearch_action\\")}"
        document_version: "\${getMetadata(\\"document_version\\")}"
        document_version_type: "external"
        aws:
          sts_role_arn: "TOKEN"
          region: "us-east-1"
        dlq:
          s3:
            bucket: "TOKEN"
            key_path_prefix: "dead-letters"
            region: "us-east-1"
            sts_role_arn: "TOKEN"
extension:
  aws:
    secrets:
      database:
        secret_id: "arn:aws:secretsmanager:us-east-1:123456789012:secret:database-AbCdEf"
        region: "us-east-1"
        sts_role_arn: "TOKEN"
        refresh_interval: PT1H`;
