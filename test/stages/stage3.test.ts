import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { holdsState } from '../../lib/assembly/stateful-types';
import { ReleaseStrategy } from '../../lib/blocks/compute/release-strategy';
import { SearchFeed } from '../../lib/blocks/data/search-feed';
import { DdosProtection } from '../../lib/blocks/edge/ddos-protection';
import { FirewallRules } from '../../lib/blocks/edge/firewall-rules';
import { RateLimit } from '../../lib/blocks/edge/rate-limit';
import { ServerOption } from '../../lib/stages/server-option';
import { planClimb } from '../promotion/ladder';
import { containerVariables, only, RETAINED, RETAINED_WITH_NAME, resources, siteRecord, synthesized } from './synthesized';

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

  test('has its search domain and its warehouse looked after in a stack that holds nothing', () => {
    const care = all.assembly.stacks.find(({ stackName }) => stackName === 'Shop-Product-DataCare')!;
    expect(holdsState(care)).toBe(false);
  });

  test('has a firewall with managed rules and rate limits before the site', () => {
    const [[acl, { Properties }], ...others] = firewalls('CLOUDFRONT');
    expect(others).toEqual([]);
    expect(Properties.Rules.map(({ Name }: { Name: string }) => Name)).toEqual([
      'RatePerIp_auth_-300s',
      'RatePerIp_login-300s',
      'RatePerAddress',
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesAnonymousIpList',
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
    expect(Properties.Rules.map(({ Name }: { Name: string }) => Name)).toEqual([
      'Admission',
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesSQLiRuleSet',
    ]);
    template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { Ref: idOf('AWS::ElasticLoadBalancingV2::LoadBalancer') },
      WebACLArn: { 'Fn::GetAtt': [acl, 'Arn'] },
    });
  });

  test('gives both firewalls the rules of the product, in place', () => {
    const firewall = FirewallRules.countOnly('counted for two weeks, the log is read each Monday', {
      rateLimits: [RateLimit.perHeader('x-api-key', '/api/', 1000, Duration.minutes(1))],
      allowedAddresses: ['198.51.100.0/24', '2001:db8::/32'],
      ddos: DdosProtection.SHIELD_ADVANCED,
    });
    const other = synthesized(3, { server: NEVER, firewall });
    const acls = Object.values(other.byName.Shop.findResources('AWS::WAFv2::WebACL'));
    const names = acls.map(({ Properties }) => Properties.Rules.map(({ Name }: { Name: string }) => Name));
    expect(names.flat().filter((name) => name === 'AllowedAddresses')).toHaveLength(2);
    expect(names.flat()).toContain('RatePerHeader-x-api-key_api_-60s');
    other.byName.Shop.resourceCountIs('AWS::WAFv2::IPSet', 4);
    other.byName.Shop.resourceCountIs('AWS::Shield::Protection', 2);
    const refuse = acls.flatMap(({ Properties: { Rules } }) =>
      Rules.filter(({ Action, OverrideAction }: { Action?: object; OverrideAction?: object }) =>
        ['Block', 'None'].includes(Object.keys(Action ?? OverrideAction ?? {})[0]),
      ),
    );
    // The origin's password, which is no rule of the user's.
    expect(refuse.map(({ Name }) => Name)).toEqual(['Admission']);
    expect(planClimb(all.assembly, other.assembly).faults).toEqual([]);
    expect(planClimb(other.assembly, all.assembly).faults).toEqual([]);
  });

  test('watches how much its edge keeps away, and how much its firewall refuses', () => {
    for (const AlarmDescription of ['^CloudFront has less than 80 %', '^The firewall refuses more than 20 %']) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmDescription: Match.stringLikeRegexp(AlarmDescription),
        AlarmActions: [{ Ref: Match.stringLikeRegexp('^ProductAlarmsTopic') }],
        TreatMissingData: 'notBreaching',
      });
    }
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
      ['api', 'auth', 'migrate', 'notification', 'web', 'worker'].map((process) => `${process} in us-east-1`),
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

describe('releases of the third stage', () => {
  const SERVICE = 'AWS::ECS::Service';
  const { primary: template, assembly } = synthesized(3, { server: NEVER });
  const named = (pattern: string) => Match.stringLikeRegexp(`^ProductApplication${pattern}`);

  test('go to a tenth of the users first, and back by alarm, for every service behind the load balancer', () => {
    for (const [service, route] of [
      ['Service', 'Core'],
      ['Auth', 'AuthTargets'],
    ]) {
      template.hasResourceProperties(SERVICE, {
        DeploymentController: Match.absent(),
        DeploymentConfiguration: {
          Strategy: 'CANARY',
          CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 5 },
          BakeTimeInMinutes: 5,
          DeploymentCircuitBreaker: { Enable: true, Rollback: true },
          Alarms: {
            AlarmNames: [{ Ref: named(`${service}ReleaseAlarmsErrors`) }, { Ref: named(`${service}ReleaseAlarmsSlow`) }],
            Enable: true,
            Rollback: true,
          },
        },
        LoadBalancers: [
          {
            TargetGroupArn: { Ref: named(`LoadBalancer${route}[0-9A-F]{8}$`) },
            AdvancedConfiguration: {
              AlternateTargetGroupArn: { Ref: named(`LoadBalancer${route}Alternate`) },
              ProductionListenerRule: { Ref: named(`LoadBalancer.*${route}.*Rule`) },
              RoleArn: { 'Fn::GetAtt': [named('LoadBalancerTrafficShiftRole'), 'Arn'] },
            },
          },
        ],
      });
    }
    // Nothing shifts the jobs of a queue.
    const rolling = Object.values(template.findResources(SERVICE)).filter(({ Properties }) => !Properties.LoadBalancers);
    expect(rolling.length).toBeGreaterThanOrEqual(2);
    for (const { Properties } of rolling) expect(Properties.DeploymentConfiguration).not.toHaveProperty('Strategy');
  });

  test('ring for people, too, and depend on no service', () => {
    const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).filter(([id]) =>
      id.includes('ReleaseAlarms'),
    );
    expect(alarms).toHaveLength(4);
    for (const [, alarm] of alarms) {
      expect(alarm.Properties.AlarmActions).toHaveLength(1);
      expect(alarm.Properties).not.toHaveProperty('AlarmName');
      expect(JSON.stringify(alarm)).not.toMatch(/ApplicationServiceService|AuthService/);
    }
  });

  test('may roll, with both target groups in their place', () => {
    const { primary: rolling } = synthesized(3, { server: NEVER, releases: ReleaseStrategy.rolling() });
    rolling.resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 4);
    rolling.hasResourceProperties(SERVICE, { DeploymentConfiguration: Match.objectLike({ Strategy: 'ROLLING' }) });
    const rules = (of: typeof template) => of.findResources('AWS::ElasticLoadBalancingV2::ListenerRule');
    expect(rules(rolling)).toEqual(rules(template));
  });

  test('may stay in one target group, where the listener asks for the header as before', () => {
    const { primary: one } = synthesized(3, { server: NEVER, releases: ReleaseStrategy.inOneGroup() });
    one.resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 2);
    one.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', { Priority: 50_000 });
  });

  test('leave room for a zone that is shifted away from, whose tasks come back by themselves', () => {
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'zonal_shift.config.enabled', Value: 'true' }]),
    });
    for (const { properties } of resources(assembly, SERVICE)) {
      expect(properties).toMatchObject({ AvailabilityZoneRebalancing: 'ENABLED' });
    }
  });
});

describe('search and warehouse of the third stage', () => {
  const { primary, byName } = synthesized(3, { server: NEVER });
  const care = byName['Shop-Product-DataCare'];

  test('are looked after by a stack beside it: alarms, policies of indexes, slow logs, a limit to the bill', () => {
    care.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { Namespace: 'AWS/ES' }, 11);
    care.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { Namespace: 'AWS/Redshift-Serverless' }, 4);
    care.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { Namespace: 'AWS/Redshift' }, 2);
    care.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'OldestReplicationSlotLag' });
    const [schedule] = Object.values(care.findResources('AWS::Scheduler::Schedule'));
    expect(Object.keys(JSON.parse(schedule.Properties.Target.Input).policies)).toEqual(['log-stream']);
    care.hasResourceProperties('AWS::SSM::Association', { Parameters: Match.objectLike({ RpuHoursADay: ['192'] }) });
    care.resourceCountIs('AWS::OSIS::Pipeline', 0);
  });

  test('are private, in three zones, and the warehouse is fed without a pipeline', () => {
    primary.hasResourceProperties('AWS::RedshiftServerless::Workgroup', {
      PubliclyAccessible: false,
      EnhancedVpcRouting: true,
      MaxCapacity: 32,
    });
    primary.hasResourceProperties('AWS::OpenSearchService::Domain', {
      ClusterConfig: Match.objectLike({ ZoneAwarenessConfig: { AvailabilityZoneCount: 3 } }),
      AdvancedSecurityOptions: Match.objectLike({ Enabled: true }),
    });
    primary.resourceCountIs('AWS::RDS::Integration', 1);
  });

  test('a feed comes and goes in the stack beside it, and what it leaves behind is in the first', () => {
    const fed = synthesized(3, { server: NEVER, searchFeed: SearchFeed.ofTables('public.products') });
    fed.byName['Shop-Product-DataCare'].resourceCountIs('AWS::OSIS::Pipeline', 1);
    expect(Object.keys(fed.primary.toJSON().Resources)).toEqual(Object.keys(primary.toJSON().Resources));
    primary.hasResource('AWS::Logs::LogGroup', {
      ...RETAINED,
      Properties: { LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/OpenSearchIngestion/') },
    });
  });
});
