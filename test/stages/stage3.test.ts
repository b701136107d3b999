import { Match } from 'aws-cdk-lib/assertions';
import { ServerOption } from '../../lib/stages/server-option';
import { containerVariables, only, RETAINED, RETAINED_WITH_NAME, siteRecord, synthesized } from './synthesized';

const NEVER = ServerOption.never('starts with several services');

describe('the third stage', () => {
  const all = synthesized(3, { server: NEVER });
  const { primary: template } = all;

  /** Logical id of the one resource of a type. */
  const idOf = (type: string) => {
    const ids = Object.keys(template.findResources(type));
    expect(ids).toHaveLength(1);
    return ids[0];
  };

  /** The web ACLs of a scope, by logical id. */
  const firewalls = (Scope: string) => Object.entries(template.findResources('AWS::WAFv2::WebACL', { Properties: { Scope } }));

  test('is still one stack', () => {
    expect(all.assembly.stacks.map(({ stackName }) => stackName)).toEqual(['Shop']);
  });

  test('has a firewall with managed rules and rate limits before the site', () => {
    const [[acl, { Properties }], ...others] = firewalls('CLOUDFRONT');
    expect(others).toEqual([]);
    expect(Properties.Rules.map(({ Name }: { Name: string }) => Name)).toEqual([
      'RatePerAddress',
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesSQLiRuleSet',
      'RatePerAddressOverall',
    ]);
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { WebACLId: { 'Fn::GetAtt': [acl, 'Arn'] } },
    });
  });

  test('has a firewall before the load balancer, which other distributions of CloudFront can reach', () => {
    const [[acl, { Properties }], ...others] = firewalls('REGIONAL');
    expect(others).toEqual([]);
    expect(Properties.Rules).toHaveLength(3);
    template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { Ref: idOf('AWS::ElasticLoadBalancingV2::LoadBalancer') },
      WebACLArn: { 'Fn::GetAtt': [acl, 'Arn'] },
    });
  });

  test('encrypts every log with its key', () => {
    const logs = Object.values(template.findResources('AWS::Logs::LogGroup'));
    expect(logs.length).toBeGreaterThan(10);
    const key = { 'Fn::GetAtt': [idOf('AWS::KMS::Key'), 'Arn'] };
    for (const { Properties } of logs) expect(Properties).toMatchObject({ KmsKeyId: key, RetentionInDays: 365 });
  });

  test('has Aurora with a writer and two readers, behind a proxy for each', () => {
    template.resourceCountIs('AWS::RDS::DBInstance', 3);
    const cluster = idOf('AWS::RDS::DBCluster');
    template.hasResourceProperties('AWS::RDS::DBProxy', { RequireTLS: true, EngineFamily: 'POSTGRESQL' });
    template.hasResourceProperties('AWS::RDS::DBProxyTargetGroup', { DBClusterIdentifiers: [{ Ref: cluster }] });
    template.hasResourceProperties('AWS::RDS::DBProxyEndpoint', { TargetRole: 'READ_ONLY' });
  });

  test('sends the services through the proxy, reads to its reading end', () => {
    template.allResourcesProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Environment: Match.arrayWith([
            { Name: 'DATABASE_WRITER_HOST', Value: { 'Fn::GetAtt': [idOf('AWS::RDS::DBProxy'), 'Endpoint'] } },
            { Name: 'DATABASE_READER_HOST', Value: { 'Fn::GetAtt': [idOf('AWS::RDS::DBProxyEndpoint'), 'Endpoint'] } },
          ]),
        }),
      ],
    });
  });

  test('pins the proxy to two zones, so that a third moves nothing', () => {
    for (const type of ['AWS::RDS::DBProxy', 'AWS::RDS::DBProxyEndpoint']) {
      const { VpcSubnetIds } = only(template, type);
      expect(VpcSubnetIds).toEqual([1, 2].map((zone) => ({ Ref: expect.stringContaining(`dataSubnet${zone}`) })));
    }
  });

  test('spreads the cache over three shards', () => {
    template.hasResource('AWS::ElastiCache::ReplicationGroup', {
      ...RETAINED,
      Properties: { NumNodeGroups: 3, ReplicasPerNodeGroup: 1, CacheNodeType: 'cache.r7g.large' },
    });
  });

  test('has an OpenSearch domain in the VPC, encrypted everywhere', () => {
    template.hasResource('AWS::OpenSearchService::Domain', {
      ...RETAINED,
      Properties: {
        VPCOptions: { SubnetIds: [Match.anyValue(), Match.anyValue(), Match.anyValue()] },
        EncryptionAtRestOptions: { Enabled: true, KmsKeyId: Match.anyValue() },
        NodeToNodeEncryptionOptions: { Enabled: true },
        DomainEndpointOptions: { EnforceHTTPS: true },
        AdvancedSecurityOptions: { Enabled: true },
        DomainName: Match.absent(),
      },
    });
  });

  test('feeds Redshift Serverless from the database by zero-ETL', () => {
    template.hasResource('AWS::RedshiftServerless::Namespace', { ...RETAINED_WITH_NAME, Properties: { Tags: Match.absent() } });
    template.hasResourceProperties('AWS::RedshiftServerless::Workgroup', {
      PubliclyAccessible: false,
      ConfigParameters: Match.arrayWith([{ ParameterKey: 'enable_case_sensitive_identifier', ParameterValue: 'true' }]),
    });
    template.hasResourceProperties('AWS::RDS::Integration', {
      SourceArn: { 'Fn::Join': ['', Match.arrayWith([{ Ref: idOf('AWS::RDS::DBCluster') }])] },
      TargetArn: { 'Fn::GetAtt': [idOf('AWS::RedshiftServerless::Namespace'), 'Namespace.NamespaceArn'] },
      DataFilter: 'include: app.*.*',
    });
    const { Parameters } = only(template, 'AWS::RDS::DBClusterParameterGroup');
    expect(Parameters).toMatchObject({
      'rds.logical_replication': '1',
      'aurora.enhanced_logical_replication': '1',
      'aurora.logical_replication_backup': '0',
      'aurora.logical_replication_globaldb': '0',
    });
  });

  test('tells the services apart by a topic and a bus, and the notification service has a queue of its own', () => {
    template.resourceCountIs('AWS::Events::EventBus', 1);
    const [topic] = Object.keys(template.findResources('AWS::SNS::Topic')).filter((id) => id.includes('Events'));
    const [queue] = Object.keys(template.findResources('AWS::SQS::Queue')).filter((id) => /NotificationQueue(?!Dead)/.test(id));
    template.hasResourceProperties('AWS::SNS::Subscription', {
      TopicArn: { Ref: topic },
      Protocol: 'sqs',
      Endpoint: { 'Fn::GetAtt': [queue, 'Arn'] },
    });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Environment: Match.arrayWith([
            { Name: 'JOB_QUEUE_URL', Value: { Ref: queue } },
            { Name: 'PROCESS_TYPE', Value: 'notification' },
          ]),
        }),
      ],
    });
  });

  test('has a user pool that keeps its users', () => {
    template.hasResource('AWS::Cognito::UserPool', {
      ...RETAINED,
      Properties: {
        UsernameAttributes: ['email'],
        UsernameConfiguration: { CaseSensitive: false },
        DeletionProtection: 'ACTIVE',
        UserPoolTier: 'ESSENTIALS',
      },
    });
    template.hasResource('AWS::Cognito::UserPoolClient', RETAINED);
  });

  test('runs auth and notification beside the core and the workers', () => {
    expect(Object.keys(containerVariables(all)).sort()).toEqual(
      ['auth', 'migrate', 'notification', 'web', 'worker'].map((process) => `${process} in us-east-1`),
    );
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Priority: 1,
      Conditions: Match.arrayWith([{ Field: 'path-pattern', PathPatternConfig: { Values: ['/auth/*'] } }]),
    });
    template.allResourcesProperties('AWS::ECS::TaskDefinition', { RuntimePlatform: { CpuArchitecture: 'ARM64' } });
  });

  test('keeps one task of the core in every zone, and a way out in every zone', () => {
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 3, MaxCapacity: 20 });
    template.resourceCountIs('AWS::EC2::NatGateway', 3);
  });

  test('has the shared table that further Regions can join', () => {
    template.hasResource('AWS::DynamoDB::GlobalTable', {
      ...RETAINED,
      Properties: { Replicas: [Match.objectLike({ Region: 'us-east-1' })] },
    });
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
  });

  test('answers under its name from CloudFront', () => {
    const alias = { DNSName: { 'Fn::GetAtt': [idOf('AWS::CloudFront::Distribution'), 'DomainName'] } };
    expect(siteRecord(template)).toEqual(
      ['A', 'AAAA'].map((Type) => expect.objectContaining({ Type, AliasTarget: expect.objectContaining(alias) })),
    );
  });
});

describe('the third stage with a server that still serves', () => {
  const { primary: template } = synthesized(3);

  test('answers under its name at the address of the server', () => {
    const [server] = Object.keys(template.findResources('AWS::EC2::EIP')).filter((id) => id.includes('ServerAddress'));
    expect(siteRecord(template)).toEqual([expect.objectContaining({ Type: 'A', ResourceRecords: [{ Ref: server }] })]);
  });

  test('lets the workers stand by, so that the server works off its own jobs', () => {
    const standing = template.findResources('AWS::ApplicationAutoScaling::ScalableTarget', { Properties: { MaxCapacity: 0 } });
    expect(Object.keys(standing)).toEqual([expect.stringContaining('ApplicationWorker')]);
  });
});
