import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DeploymentLifecycleStage } from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { holdsState } from '../../lib/assembly/stateful-types';
import { Entrance } from '../../lib/blocks/compute/entrance';
import { Reach } from '../../lib/blocks/compute/reach';
import { ReleaseStrategy } from '../../lib/blocks/compute/release-strategy';
import { ServiceSize } from '../../lib/blocks/compute/service-size';
import { SearchFeed } from '../../lib/blocks/data/search-feed';
import { BotControl } from '../../lib/blocks/edge/bot-control';
import { DdosProtection } from '../../lib/blocks/edge/ddos-protection';
import { FirewallRules } from '../../lib/blocks/edge/firewall-rules';
import { RateLimit } from '../../lib/blocks/edge/rate-limit';
import { Tracing } from '../../lib/blocks/observability/tracing';
import { AuditedEvents } from '../../lib/stages/audited-events';
import { ServerOption } from '../../lib/stages/server-option';
import type { Stage3Specialized } from '../../lib/stages/stage3-specialized';
import { synthesized as built, planClimb } from '../promotion/ladder';
import { ACCOUNT } from '../stacks';
import { addStage, testProps } from '../synth-stages';
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
    care.hasResourceProperties('AWS::SSM::Association', { Parameters: Match.objectLike({ RpuHoursADay: ['288'] }) });
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
      ...RETAINED_WITH_NAME,
      Properties: { LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/OpenSearchIngestion/') },
    });
  });
});

/** One product with what the issue names as a choice, so that each line of it is seen on templates. */
describe('every line of "Specialize" that a product chooses', () => {
  const assembly = built((app) => {
    const stack = new Stack(app, 'Shop', { stackName: 'Shop', env: { account: ACCOUNT, region: 'us-east-1' } });
    const product = addStage(stack, 3, {
      ...testProps(stack),
      server: NEVER,
      tracing: Tracing.xray(5),
      firewall: FirewallRules.of({
        rateLimits: [
          RateLimit.perIp('/login', 100, Duration.minutes(5)),
          RateLimit.perHeader('x-api-key', '/api/', 1000, Duration.minutes(1)),
          RateLimit.perCookie('session', '/cart', 500, Duration.minutes(10)),
        ],
        allowedAddresses: ['198.51.100.0/24'],
        blockedAddresses: ['192.0.2.0/24'],
        bots: BotControl.common(),
      }),
      services: [
        {
          name: 'billing',
          entrance: Entrance.paths('/billing/*'),
          reaches: [Reach.DATABASE, Reach.service('core')],
          releases: ReleaseStrategy.linear(25, Duration.minutes(5), Duration.minutes(10)),
        },
        { name: 'prices', entrance: Entrance.hosts('prices.example.com') },
        { name: 'rpc', entrance: Entrance.grpc('/shop.Rpc/*'), size: ServiceSize.WORKER },
      ],
      archive: {
        tables: [{ table: 'visits', by: 'created_at', olderThan: Duration.days(90), keepFor: Duration.days(730) }],
      },
      audit: { events: AuditedEvents.ALL },
    }) as Stage3Specialized;
    const { application, specialties, services, jobs, encryptionKey, alarms } = product;
    specialties.events.addConsumer('Billing', {
      eventTypes: ['order-paid'],
      tries: 3,
      delay: Duration.minutes(1),
      encryptionKey,
      alarmTopic: alarms.topic,
    });
    specialties.schedules.add('Nightly', { queue: jobs, at: ScheduleExpression.rate(Duration.days(1)) });
    services.mesh.encrypt({
      certificateAuthorityArn: `arn:aws:acm-pca:us-east-1:${ACCOUNT}:certificate-authority/12345678-1234-1234-1234-123456789012`,
    });
    const check = lambda.Function.fromFunctionAttributes(stack, 'Check', {
      functionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:check`,
      sameEnvironment: true,
    });
    application.service.addLifecycleHook('Check', check, [DeploymentLifecycleStage.POST_SCALE_UP]);
  });
  const byName = Object.fromEntries(
    assembly.stacks.map(({ stackName, template }) => [stackName, Template.fromJSON(template as Record<string, unknown>)]),
  );
  const main = byName.Shop;
  const serviceOf = (name: string) => byName[`Shop-Product-Services-${name}`];

  test('limits by address, header and cookie, lists, bots, and logs without what is secret', () => {
    const [{ Properties }] = Object.values(main.findResources('AWS::WAFv2::WebACL', { Properties: { Scope: 'CLOUDFRONT' } }));
    const rules = Properties.Rules as { Name: string; Statement: { RateBasedStatement?: object } }[];
    expect(rules.map(({ Name }) => Name)).toEqual(
      expect.arrayContaining([
        'BlockedAddresses',
        'AllowedAddresses',
        'RatePerIp_login-300s',
        'RatePerHeader-x-api-key_api_-60s',
        'RatePerCookie-session_cart-600s',
        'AWSManagedRulesBotControlRuleSet',
      ]),
    );
    const statement = (name: string) => rules.find(({ Name }) => Name === name)?.Statement.RateBasedStatement;
    expect(statement('RatePerIp_login-300s')).toMatchObject({ Limit: 100, EvaluationWindowSec: 300 });
    expect(statement('RatePerHeader-x-api-key_api_-60s')).toMatchObject({ Limit: 1000, EvaluationWindowSec: 60 });
    expect(statement('RatePerCookie-session_cart-600s')).toMatchObject({ Limit: 500, EvaluationWindowSec: 600 });
    const logged = Object.values(main.findResources('AWS::WAFv2::LoggingConfiguration'));
    expect(logged).toHaveLength(2);
    for (const { Properties: log } of logged) {
      expect(log.RedactedFields).toEqual(
        expect.arrayContaining([
          { SingleHeader: { Name: 'authorization' } },
          { SingleHeader: { Name: 'cookie' } },
          { QueryString: {} },
        ]),
      );
    }
  });

  test('services by paths, by host and by gRPC, each with role, log, scaling, alarms and releases of its own', () => {
    for (const name of ['api', 'billing', 'prices', 'rpc']) {
      const own = serviceOf(name);
      own.resourceCountIs('AWS::ECS::Service', 1);
      own.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 1);
      own.hasResourceProperties('AWS::ECS::Service', {
        DeploymentConfiguration: Match.objectLike({
          DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        }),
      });
      expect(Object.keys(own.findResources('AWS::CloudWatch::Alarm')).length).toBeGreaterThanOrEqual(3);
      const [{ Properties }] = Object.values(own.findResources('AWS::ECS::TaskDefinition'));
      const roles = Object.keys(own.findResources('AWS::IAM::Role'));
      for (const role of [Properties.TaskRoleArn, Properties.ExecutionRoleArn]) expect(roles).toContain(role['Fn::GetAtt'][0]);
      const logs = Object.keys(own.findResources('AWS::Logs::LogGroup'));
      expect(logs).toContain(Properties.ContainerDefinitions[0].LogConfiguration.Options['awslogs-group'].Ref);
    }
    serviceOf('billing').hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: Match.objectLike({
        Strategy: 'LINEAR',
        Alarms: Match.objectLike({ AlarmNames: [Match.anyValue(), Match.anyValue()], Enable: true, Rollback: true }),
      }),
    });
    for (const [name, condition] of [
      ['billing', { Field: 'path-pattern', PathPatternConfig: { Values: ['/billing/*'] } }],
      ['prices', { Field: 'host-header', HostHeaderConfig: { Values: ['prices.example.com'] } }],
      ['rpc', { Field: 'path-pattern', PathPatternConfig: { Values: ['/shop.Rpc/*'] } }],
    ] as const) {
      serviceOf(name).hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
        Conditions: Match.arrayWith([condition]),
      });
    }
    for (const process of ['auth', 'notification']) {
      const [{ Properties }] = Object.values(
        main.findResources('AWS::ECS::TaskDefinition', {
          Properties: {
            ContainerDefinitions: Match.arrayWith([
              Match.objectLike({ Environment: Match.arrayWith([{ Name: 'PROCESS_TYPE', Value: process }]) }),
            ]),
          },
        }),
      );
      expect(Properties.TaskRoleArn['Fn::GetAtt'][0]).toMatch(new RegExp(`Application${process}`, 'i'));
    }
  });

  test('calls between services that end after three seconds, and are encrypted where the product wants it', () => {
    for (const [template, name] of [
      [main, 'core'],
      [main, 'auth'],
      [serviceOf('billing'), 'billing'],
    ] as const) {
      template.hasResourceProperties('AWS::ECS::Service', {
        ServiceConnectConfiguration: {
          Enabled: true,
          Services: [
            Match.objectLike({
              DiscoveryName: name,
              Timeout: Match.objectLike({ PerRequestTimeoutSeconds: 3 }),
              Tls: Match.objectLike({ IssuerCertificateAuthority: { AwsPcaAuthorityArn: Match.anyValue() } }),
            }),
          ],
        },
      });
    }
  });

  test('a queue for each consumer with tries, delay, dead letters and alarms, and jobs by the clock', () => {
    const [[queue, { Properties }]] = Object.entries(main.findResources('AWS::SQS::Queue', { Properties: { DelaySeconds: 60 } }));
    expect(Properties.RedrivePolicy).toMatchObject({ maxReceiveCount: 3, deadLetterTargetArn: expect.anything() });
    main.hasResourceProperties('AWS::SNS::Subscription', {
      Endpoint: { 'Fn::GetAtt': [queue, 'Arn'] },
      FilterPolicy: { eventType: ['order-paid'] },
    });
    main.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(1 day)' });
    // Dead letters and lag of the jobs, of notification and of the consumer.
    for (const [metric, least] of [
      ['ApproximateNumberOfMessagesVisible', 3],
      ['ApproximateAgeOfOldestMessage', 3],
    ] as const) {
      const alarms = Object.values(main.findResources('AWS::CloudWatch::Alarm')).filter((alarm) =>
        JSON.stringify(alarm).includes(metric),
      );
      expect([metric, alarms.length >= least]).toEqual([metric, true]);
    }
  });

  test('cache layers that are held to their targets, 80 % at the edge and 90 % in the cache', () => {
    const below = (pattern: string, Threshold: number) =>
      main.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmDescription: Match.stringLikeRegexp(pattern),
        ComparisonOperator: 'LessThanThreshold',
        Threshold,
      });
    below('^CloudFront has less than 80 %', 80);
    below('^Fewer than 90 % of reads', 90);
  });

  test('search with access control for each index and slow logs, rows that age, and a warehouse with a limit', () => {
    main.hasResourceProperties('AWS::OpenSearchService::Domain', {
      AdvancedSecurityOptions: Match.objectLike({ Enabled: true, InternalUserDatabaseEnabled: true }),
      LogPublishingOptions: Match.objectLike({
        SEARCH_SLOW_LOGS: Match.objectLike({ Enabled: true }),
        INDEX_SLOW_LOGS: Match.objectLike({ Enabled: true }),
      }),
    });
    expect(JSON.stringify(byName['Shop-Product-Archive'].toJSON())).toContain('created_at');
    main.hasResourceProperties('AWS::RedshiftServerless::Workgroup', { PubliclyAccessible: false });
  });

  test('records, rotation, refused traffic and backups that nobody can delete', () => {
    byName['Shop-Product-Audit'].hasResourceProperties('AWS::CloudTrail::Trail', {
      AdvancedEventSelectors: Match.anyValue(),
      EnableLogFileValidation: true,
    });
    byName['Shop-Product-Audit'].resourceCountIs('AWS::Backup::RestoreTestingPlan', 1);
    main.hasResourceProperties('AWS::Backup::BackupVault', { LockConfiguration: Match.objectLike({ MinRetentionDays: 7 }) });
    main.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'REJECT' });
    main.resourceCountIs('AWS::SecretsManager::RotationSchedule', 1);
  });

  test('releases that a function is asked about, and zones that can be left', () => {
    main.hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: Match.objectLike({
        Strategy: 'CANARY',
        LifecycleHooks: [Match.objectLike({ LifecycleStages: ['POST_SCALE_UP'] })],
      }),
    });
    main.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'zonal_shift.config.enabled', Value: 'true' }]),
    });
  });

  test('traces of every service under a name of its own, and a dashboard for each', () => {
    const names = [main, ...['api', 'billing', 'prices', 'rpc'].map(serviceOf)].flatMap((template) =>
      [...JSON.stringify(template.toJSON()).matchAll(/"OTEL_SERVICE_NAME","Value":"([^"]+)"/g)].map(([, name]) => name),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['Shop-Service', 'Shop-Worker', 'Shop-Auth', 'Shop-api', 'Shop-billing']));
    for (const name of ['api', 'billing', 'prices', 'rpc']) serviceOf(name).resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    main.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });
});
