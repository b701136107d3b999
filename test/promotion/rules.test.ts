import type { Assembly, TemplateResource } from '../../lib/assembly/cloud-assembly';
import type { ResourceChange } from '../../lib/promotion/change';
import { comparePromotion } from '../../lib/promotion/compare';
import { assembly, att, index, properties, ref, resource, retained, shop, stack, stackOutput } from './templates';

type Resources = Record<string, TemplateResource>;

function changeOf(before: Assembly, after: Assembly, logicalId: string): ResourceChange {
  return comparePromotion(before, after).changes.find((change) => change.logicalId === logicalId)!;
}

function inOneStack(mutate: (after: Resources) => void, given: (both: Resources) => void = () => {}): [Assembly, Assembly] {
  const before = shop();
  given(before);
  const after = structuredClone(before);
  mutate(after);
  return [assembly(stack('Shop', before)), assembly(stack('Shop', after))];
}

describe('tables', () => {
  const replicas = (...regions: unknown[]) => regions.map((Region) => ({ Region }));

  test('several replicas: the first one is added, the others wait', () => {
    const [before, after] = inOneStack((resources) => {
      properties(resources, 'SharedTable').Replicas = replicas('us-east-1', 'us-west-2', 'eu-central-1', 'ap-southeast-1');
    });

    const change = changeOf(before, after, 'SharedTable');

    expect(change.findings.find(({ ruleId }) => ruleId === 'one-replica-per-update')).toMatchObject({
      reason: 'a global table adds or removes one replica per update, this one adds us-west-2, eu-central-1, ap-southeast-1',
      holds: [
        {
          stackName: 'Shop',
          region: 'us-east-1',
          logicalId: 'SharedTable',
          path: ['Properties', 'Replicas'],
          value: replicas('us-east-1', 'us-west-2'),
        },
      ],
    });
  });

  test('a replica that is added and one that is removed: the addition goes first', () => {
    const [before, after] = inOneStack(
      (resources) => {
        properties(resources, 'SharedTable').Replicas = replicas('us-east-1', 'eu-central-1');
      },
      (resources) => {
        properties(resources, 'SharedTable').Replicas = replicas('us-east-1', 'us-west-2');
      },
    );

    const [finding] = changeOf(before, after, 'SharedTable').findings.filter(({ verdict }) => verdict === 'own-deploy');

    expect(finding.holds?.[0].value).toEqual(replicas('us-east-1', 'us-west-2', 'eu-central-1'));
  });

  test('replicas that leave, leave one at a time', () => {
    const [before, after] = inOneStack(
      (resources) => {
        properties(resources, 'SharedTable').Replicas = replicas('us-east-1');
      },
      (resources) => {
        properties(resources, 'SharedTable').Replicas = replicas('us-east-1', 'us-west-2', 'eu-central-1');
      },
    );

    const [finding] = changeOf(before, after, 'SharedTable').findings.filter(({ verdict }) => verdict === 'own-deploy');

    expect(finding.holds?.[0].value).toEqual(replicas('us-east-1', 'eu-central-1'));
  });

  test("the stack's own region may be a reference", () => {
    const [before, after] = inOneStack(
      (resources) => {
        properties(resources, 'SharedTable').Replicas = replicas('us-east-1', 'us-west-2');
      },
      (resources) => {
        properties(resources, 'SharedTable').Replicas = replicas(ref('AWS::Region'));
      },
    );

    expect(changeOf(before, after, 'SharedTable').verdict).toBe('updated');
  });

  test('a new table is created with all its replicas, and strong consistency takes three at a time', () => {
    const [before, after] = inOneStack((resources) => {
      const Replicas = replicas('us-east-1', 'us-west-2', 'eu-central-1');
      resources.Fresh = retained('AWS::DynamoDB::GlobalTable', { ...properties(resources, 'SharedTable'), Replicas });
      Object.assign(properties(resources, 'SharedTable'), { Replicas, MultiRegionConsistency: 'STRONG' });
    });

    expect(changeOf(before, after, 'Fresh').verdict).toBe('added');
    expect(changeOf(before, after, 'SharedTable').verdict).toBe('updated');
  });

  test('several indexes: one goes first, with the attributes that its keys use and no others', () => {
    const [before, after] = inOneStack((resources) => {
      Object.assign(properties(resources, 'SharedTable'), {
        AttributeDefinitions: ['pk', 'email', 'day', 'shop'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        GlobalSecondaryIndexes: [index('byEmail', 'email'), index('byDay', 'day'), index('byShop', 'shop')],
      });
    });

    const [finding] = changeOf(before, after, 'SharedTable').findings.filter(({ verdict }) => verdict === 'own-deploy');

    expect(finding.ruleId).toBe('one-index-per-update');
    expect(finding.holds?.map(({ path, value }) => [path[1], value])).toEqual([
      ['GlobalSecondaryIndexes', [index('byEmail', 'email'), index('byDay', 'day')]],
      ['AttributeDefinitions', ['pk', 'email', 'day'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))],
    ]);
  });

  test('an index and a replica: the index goes first', () => {
    const [before, after] = inOneStack((resources) => {
      Object.assign(properties(resources, 'SharedTable'), {
        AttributeDefinitions: ['pk', 'email', 'day'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        GlobalSecondaryIndexes: [index('byEmail', 'email'), index('byDay', 'day')],
        Replicas: replicas('us-east-1', 'us-west-2'),
      });
    });

    const findings = changeOf(before, after, 'SharedTable').findings.filter(({ verdict }) => verdict === 'own-deploy');

    expect(findings.flatMap(({ holds }) => holds)).toMatchObject([
      { path: ['Properties', 'Replicas'], value: replicas('us-east-1') },
    ]);
  });
});

describe('the cache', () => {
  test('what is resharded keeps its shards until everything else is deployed', () => {
    const [before, after] = inOneStack((resources) => {
      properties(resources, 'Cache').NumNodeGroups = 3;
      resources.More = resource('AWS::SQS::Queue');
    });

    const [finding] = changeOf(before, after, 'Cache').findings.filter(({ verdict }) => verdict === 'own-deploy');

    expect(finding.holds).toEqual([
      { stackName: 'Shop', region: 'us-east-1', logicalId: 'Cache', path: ['Properties', 'NumNodeGroups'], value: 1 },
    ]);
  });

  test('replicas go before shards, and CDK metadata is no company', () => {
    const [before, after] = inOneStack(
      (resources) => {
        Object.assign(properties(resources, 'Cache'), { NumNodeGroups: 3, ReplicasPerNodeGroup: 2 });
        properties(resources, 'CDKMetadata').Analytics = 'v2:two';
      },
      (resources) => {
        resources.CDKMetadata = resource('AWS::CDK::Metadata', { Analytics: 'v2:one' });
      },
    );

    const findings = changeOf(before, after, 'Cache').findings.filter(({ verdict }) => verdict === 'own-deploy');

    expect(findings.map(({ property }) => property)).toEqual(['NumNodeGroups']);
  });

  test('another stack of the same deploy is no company', () => {
    const [before, after] = inOneStack((resources) => {
      properties(resources, 'Cache').NumNodeGroups = 3;
    });
    const other = stack('Edge', { More: resource('AWS::SQS::Queue') });

    expect(changeOf(before, assembly(...after.stacks, other), 'Cache').verdict).toBe('updated');
  });

  test('first everything else, then the shards, then the global datastore', () => {
    const datastore = retained('AWS::ElastiCache::GlobalReplicationGroup', { Members: [{ ReplicationGroupId: ref('Cache') }] });
    const dashboard = resource('AWS::CloudWatch::Dashboard', { DashboardBody: { 'Fn::Join': ['', ['{', ref('Datastore')]] } });
    const [before, after] = inOneStack((resources) => {
      properties(resources, 'Cache').NumNodeGroups = 3;
      Object.assign(resources, { Datastore: datastore, Dashboard: dashboard });
    });
    const held = (report: ReturnType<typeof comparePromotion>) =>
      report.changes.flatMap(({ findings }) => findings.flatMap(({ holds }) => holds ?? []).map(({ logicalId }) => logicalId));

    expect(held(comparePromotion(before, after))).toEqual(['Datastore']);

    const withMore = structuredClone(after);
    withMore.stacks[0].template.Resources!.More = resource('AWS::SQS::Queue');
    expect(held(comparePromotion(before, withMore)).sort()).toEqual(['Cache', 'Datastore']);
  });

  test('cluster mode is deployed as compatible meanwhile', () => {
    const [before, after] = inOneStack((resources) => {
      properties(resources, 'OldCache').ClusterMode = 'enabled';
    });

    const [finding] = changeOf(before, after, 'OldCache').findings;

    expect(finding).toMatchObject({
      verdict: 'refused',
      holds: [{ logicalId: 'OldCache', path: ['Properties', 'ClusterMode'], value: 'compatible' }],
    });
  });
});

describe('Kafka', () => {
  const multiVpc = { VpcConnectivity: { ClientAuthentication: { Sasl: { Iam: { Enabled: true } } } } };
  const cluster = (more: Record<string, unknown> = {}) =>
    retained('AWS::MSK::Cluster', { ClusterName: 'events', BrokerNodeGroupInfo: { ClientSubnets: ['a', 'b', 'c'], ...more } });
  const policy = resource('AWS::MSK::ClusterPolicy', { ClusterArn: ref('EventStream'), Policy: {} });
  const outputs = { StreamArn: { Value: ref('EventStream') } };
  const replicator = resource('AWS::MSK::Replicator', {
    ReplicatorName: 'events',
    KafkaClusters: [],
    ReplicationInfoList: [
      { SourceKafkaClusterArn: stackOutput('Shop', 'StreamArn', 'us-east-1'), TargetKafkaClusterArn: ref('LocalStream') },
    ],
  });
  const there = (resources: Resources) =>
    stack('ShopEurope', { LocalStream: cluster(), ...resources }, { region: 'eu-central-1', dependencies: ['Shop'] });

  test('a cluster is created without connectivity, and its policy waits with it', () => {
    const before = assembly(stack('Shop', {}));
    const after = assembly(
      stack('Shop', {
        EventStream: cluster({ ConnectivityInfo: { ...multiVpc, PublicAccess: { Type: 'DISABLED' } } }),
        Policy: policy,
      }),
    );

    const [finding] = changeOf(before, after, 'EventStream').findings;

    expect(finding.holds).toEqual([
      {
        stackName: 'Shop',
        region: 'us-east-1',
        logicalId: 'EventStream',
        path: ['Properties', 'BrokerNodeGroupInfo', 'ConnectivityInfo'],
        value: { PublicAccess: { Type: 'DISABLED' } },
      },
      { stackName: 'Shop', region: 'us-east-1', logicalId: 'Policy', path: [] },
    ]);
  });

  test('a cluster that says explicitly that connectivity is off may be created', () => {
    const off = { VpcConnectivity: { ClientAuthentication: { Sasl: { Iam: { Enabled: false } } } } };
    const after = assembly(stack('Shop', { EventStream: cluster({ ConnectivityInfo: off }) }));

    expect(changeOf(assembly(stack('Shop', {})), after, 'EventStream').verdict).toBe('added');
  });

  test('a Replicator waits until the cluster in the other region is prepared', () => {
    const before = assembly(stack('Shop', { EventStream: cluster() }, { outputs }), there({}));
    const after = assembly(
      stack('Shop', { EventStream: cluster({ ConnectivityInfo: multiVpc }), Policy: policy }, { outputs }),
      there({ Replicator: replicator }),
    );

    const change = changeOf(before, after, 'Replicator');

    expect(change.verdict).toBe('own-deploy');
    expect(change.findings[0]).toMatchObject({
      ruleId: 'replicator-before-its-source',
      reason: expect.stringContaining('EventStream of Shop (us-east-1) has not got them yet'),
      holds: [{ stackName: 'ShopEurope', region: 'eu-central-1', logicalId: 'Replicator', path: [] }],
    });
  });

  test('a Replicator whose source is prepared is a plain addition', () => {
    const home = stack('Shop', { EventStream: cluster({ ConnectivityInfo: multiVpc }), Policy: policy }, { outputs });

    expect(changeOf(assembly(home, there({})), assembly(home, there({ Replicator: replicator })), 'Replicator').verdict).toBe(
      'added',
    );
  });

  test('a Replicator whose source nobody prepares is refused, and waiting does not help', () => {
    const home = stack('Shop', { EventStream: cluster() }, { outputs });

    const change = changeOf(assembly(home, there({})), assembly(home, there({ Replicator: replicator })), 'Replicator');

    expect(change.verdict).toBe('refused');
    expect(change.findings[0].holds).toBeUndefined();
  });

  test('a Replicator within one region needs no preparation', () => {
    const within = resource('AWS::MSK::Replicator', {
      ReplicatorName: 'copy',
      ReplicationInfoList: [{ SourceKafkaClusterArn: ref('EventStream'), TargetKafkaClusterArn: ref('Copy') }],
    });
    const before = assembly(stack('Shop', { EventStream: cluster(), Copy: cluster() }));
    const after = assembly(stack('Shop', { EventStream: cluster(), Copy: cluster(), Replicator: within }));

    expect(changeOf(before, after, 'Replicator').verdict).toBe('added');
  });
});

describe('zero-ETL', () => {
  const integration = resource('AWS::RDS::Integration', {
    SourceArn: att('Database', 'DBClusterArn'),
    TargetArn: 'arn:warehouse',
  });
  const replicate = (resources: Resources) => {
    properties(resources, 'DatabaseParameters').Parameters = { 'rds.force_ssl': '1', 'rds.logical_replication': '1' };
  };

  test('the integration waits for the reboot that its parameters need', () => {
    const [before, after] = inOneStack((resources) => {
      replicate(resources);
      resources.Integration = integration;
    });

    const change = changeOf(before, after, 'Integration');

    expect(change.verdict).toBe('own-deploy');
    expect(change.findings[0]).toMatchObject({
      ruleId: 'zero-etl-before-reboot',
      reason: expect.stringContaining('(rds.logical_replication of Database)'),
      holds: [{ stackName: 'Shop', region: 'us-east-1', logicalId: 'Integration', path: [] }],
    });
  });

  test('an integration with a cluster that has its parameters, or is new, is a plain addition', () => {
    const [before, after] = inOneStack((resources) => {
      resources.Integration = integration;
    }, replicate);
    expect(changeOf(before, after, 'Integration').verdict).toBe('added');
    expect(changeOf(assembly(), after, 'Integration').verdict).toBe('added');
  });

  test('a search pipeline waits for it too, from a stack of its own', () => {
    const name = { 'Fn::GetStackOutput': { StackName: 'Shop', OutputName: 'DatabaseName', Region: 'us-east-1' } };
    const pipeline = resource('AWS::OSIS::Pipeline', {
      PipelineConfigurationBody: { 'Fn::Join': ['', ['db_identifier: "', name, '"']] },
    });
    const [before, after] = inOneStack(replicate);
    Object.assign(after.stacks[0].template, { Outputs: { DatabaseName: { Value: ref('Database') } } });
    const care = assembly(...after.stacks, stack('Care', { Pipeline: pipeline }));

    expect(changeOf(before, care, 'Pipeline').findings[0]).toMatchObject({
      ruleId: 'zero-etl-before-reboot',
      verdict: 'own-deploy',
      property: 'PipelineConfigurationBody',
      reason: expect.stringMatching(/then add the pipeline \(rds.logical_replication of Database\)$/),
      holds: [{ stackName: 'Care', region: 'us-east-1', logicalId: 'Pipeline', path: [] }],
    });
    expect(changeOf(after, care, 'Pipeline').verdict).toBe('added');
  });
});

describe('weak references', () => {
  const bucket = (Properties: Record<string, unknown>) => retained('AWS::S3::Bucket', Properties);
  const replication = (...buckets: unknown[]) => ({
    Role: 'arn',
    Rules: buckets.map((Bucket) => ({ Destination: { Bucket }, Status: 'Enabled' })),
  });
  const europe = stack(
    'ShopEurope',
    { Copy: bucket({}) },
    { region: 'eu-central-1', outputs: { CopyArn: { Value: att('Copy', 'Arn') } }, dependencies: ['Shop'] },
  );
  const copyArn = stackOutput('ShopEurope', 'CopyArn', 'eu-central-1');

  test('a reference to an output that comes later waits, with the old value or none', () => {
    const west = 'arn:aws:s3:::west';
    const before = assembly(
      stack('Shop', { Assets: bucket({}), Media: bucket({ ReplicationConfiguration: replication(west) }) }),
    );
    const after = assembly(
      stack('Shop', {
        Assets: bucket({ ReplicationConfiguration: replication(copyArn) }),
        Media: bucket({ ReplicationConfiguration: replication(west, copyArn) }),
      }),
      europe,
    );
    const at = { stackName: 'Shop', region: 'us-east-1', path: ['Properties', 'ReplicationConfiguration'] };

    for (const [logicalId, value] of [
      ['Assets', undefined],
      ['Media', replication(west)],
    ] as const) {
      const change = changeOf(before, after, logicalId);
      const finding = change.findings.find(({ ruleId }) => ruleId === 'reference-before-its-output');
      expect(change.verdict).toBe('own-deploy');
      expect(finding?.property).toBe('ReplicationConfiguration');
      expect(finding?.holds).toEqual([{ ...at, logicalId, ...(value ? { value } : {}) }]);
    }
  });

  test('a new resource waits as a whole where it cannot do without the reference', () => {
    const policy = resource('AWS::S3::BucketPolicy', {
      Bucket: ref('Assets'),
      PolicyDocument: { Statement: [{ Resource: copyArn }] },
    });
    const before = assembly(stack('Shop', { Assets: bucket({}) }));
    const after = assembly(stack('Shop', { Assets: bucket({}), Policy: policy }), europe);

    expect(changeOf(before, after, 'Policy').findings[0].holds).toEqual([
      { stackName: 'Shop', region: 'us-east-1', logicalId: 'Policy', path: [] },
    ]);
  });

  test('once the output is deployed, the reference is a plain update', () => {
    const before = assembly(stack('Shop', { Assets: bucket({}) }), europe);
    const after = assembly(stack('Shop', { Assets: bucket({ ReplicationConfiguration: replication(copyArn) }) }), europe);

    expect(changeOf(before, after, 'Assets').verdict).toBe('updated');
  });

  test('a reference to a stack that deploys before is a plain addition', () => {
    const shopStack = stack('Shop', { Assets: bucket({}) }, { outputs: { AssetsArn: { Value: att('Assets', 'Arn') } } });
    const consumer = stack('ShopEurope', {
      Copy: bucket({ ReplicationConfiguration: replication(stackOutput('Shop', 'AssetsArn', 'us-east-1')) }),
    });

    expect(changeOf(assembly(), assembly(shopStack, consumer), 'Copy').verdict).toBe('added');
  });

  test('a reference to an output that its stack has not got is refused; one to a stack outside the app is not ours to judge', () => {
    const wrong = stackOutput('ShopEurope', 'Missing', 'eu-central-1');
    const outside = stackOutput('Elsewhere', 'Arn', 'us-east-1');
    const before = assembly(stack('Shop', { Assets: bucket({}), Media: bucket({}) }), europe);
    const after = assembly(
      stack('Shop', {
        Assets: bucket({ ReplicationConfiguration: replication(wrong) }),
        Media: bucket({ ReplicationConfiguration: replication(outside) }),
      }),
      europe,
    );

    expect(changeOf(before, after, 'Assets').findings.at(-1)).toMatchObject({
      ruleId: 'reference-without-output',
      verdict: 'refused',
      reason: 'the stack that this reference names has no such output: Missing of ShopEurope (eu-central-1)',
    });
    expect(changeOf(before, after, 'Media').verdict).toBe('updated');
  });
});

describe('records', () => {
  const record = (more: Record<string, unknown> = {}, zone: unknown = ref('Zone')) =>
    resource('AWS::Route53::RecordSet', { HostedZoneId: zone, Name: 'www.shop.example.', Type: 'A', ...more });
  const latency = { SetIdentifier: 'us-east-1', Region: 'us-east-1' };

  test('a latency record beside a simple one of another logical id, or that replaces it in the same deploy, is refused', () => {
    const before = assembly(stack('Shop', { Simple: record() }));
    const beside = assembly(stack('Shop', { Simple: record(), Latency: record(latency) }));
    const instead = assembly(stack('Shop', { Latency: record(latency) }));

    expect(changeOf(before, beside, 'Latency').verdict).toBe('refused');
    expect(changeOf(before, instead, 'Latency').verdict).toBe('refused');
  });

  test('latency records of several regions, and another name, type or zone, are plain additions', () => {
    const before = assembly(stack('Shop', { Latency: record(latency) }));
    const after = assembly(
      stack('Shop', {
        Latency: record(latency),
        Second: record({ SetIdentifier: 'eu-central-1', Region: 'eu-central-1' }),
        Text: record({ Type: 'TXT' }),
        Private: record({}, ref('PrivateZone')),
      }),
    );

    expect(comparePromotion(before, after).safe).toBe(true);
  });
});
