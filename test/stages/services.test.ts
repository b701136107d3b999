import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { Entrance, MeshProtocol } from '../../lib/blocks/compute/entrance';
import { ProductImage } from '../../lib/blocks/compute/product-image';
import type { ProductService } from '../../lib/blocks/compute/product-service';
import { Reach } from '../../lib/blocks/compute/reach';
import { ReleaseStrategy } from '../../lib/blocks/compute/release-strategy';
import { ReleaseTag } from '../../lib/blocks/compute/release-tag';
import { ServiceSize } from '../../lib/blocks/compute/service-size';
import { PermissionModel } from '../../lib/blocks/identity/permission-model';
import { JobQueue } from '../../lib/blocks/messaging/job-queue';
import { Tracing } from '../../lib/blocks/observability/tracing';
import { ServerOption } from '../../lib/stages/server-option';
import type { Stage3Specialized } from '../../lib/stages/stage3-specialized';
import { policy } from '../blocks/compute/service-fixture';
import { everyPack } from '../blocks/every-pack';
import { rowsOf, type Widget } from '../blocks/observability/dashboard-body';
import { planClimb, stageWith } from '../promotion/ladder';
import { testStack } from '../stacks';
import { addStage, IMAGE, synthStage, testDomain } from '../synth-stages';
import { resources, synthesized } from './synthesized';

const BILLING: ProductService = {
  name: 'billing',
  entrance: Entrance.paths('/billing/*'),
  reaches: [Reach.DATABASE, Reach.service('core')],
};

interface Rule {
  readonly Type: string;
  readonly DependsOn: string[];
  readonly Properties: { Conditions: { PathPatternConfig: { Values: string[] } }[] };
}

const stackName = (name: string) => `Shop-Product-Services-${name}`;

/** The ARN of something of the Region's stack, as another stack says it. */
const lent = (name: string) => ({
  'Fn::GetStackOutput': Match.objectLike({ OutputName: Match.stringLikeRegexp(`Output${name}`) }),
});

/** Variables of the one container of a service's stack. */
function variables(template: Template): Record<string, unknown> {
  const [{ Properties }] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
  const { Environment, Secrets = [] } = Properties.ContainerDefinitions[0];
  return Object.fromEntries(
    [...Environment, ...Secrets].map(({ Name, Value, ValueFrom }: Record<string, string>) => [Name, Value ?? ValueFrom]),
  );
}

describe('the services of the third stage', () => {
  const all = synthesized(3, (stack) => ({
    server: ServerOption.never('starts with services'),
    services: [
      BILLING,
      { name: 'prices', entrance: Entrance.mesh(MeshProtocol.GRPC), port: 9000, requestTimeout: Duration.seconds(0) },
      { name: 'reports', entrance: Entrance.none(), queue: new JobQueue(stack, 'Reports'), scaling: { jobsPerTask: 5 } },
      { name: 'rpc', entrance: Entrance.grpc('/shop.Rpc/*') },
      { name: 'partners', entrance: Entrance.hosts('partners.example.com'), priority: 1234 },
      { name: 'front', reaches: [Reach.service('prices')] },
    ],
  }));
  const of = (name: string) => all.byName[stackName(name)];

  test('have api beside the core without being asked, with everything the core may reach', () => {
    const template = Template.fromJSON(synthesized(3).byName[stackName('api')].toJSON());
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      ListenerArn: lent('Listener'),
      // The firewall of the load balancer asks for the password.
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }],
    });
    expect(variables(template)).toMatchObject({ PROCESS_TYPE: 'api', SERVICE_NAMESPACE: expect.stringMatching(/^shop-/) });
    for (const name of [
      'DATABASE_PASSWORD',
      'CACHE_PASSWORD',
      'SEARCH_PASSWORD',
      'EVENT_TOPIC_ARN',
      'USER_POOL_ID',
      'SHARED_TABLE',
    ]) {
      expect([name, variables(template)[name]]).not.toEqual([name, '']);
      expect(variables(template)).toHaveProperty([name]);
    }
  });

  test('stand in a stack each, which holds no state and exports nothing', () => {
    for (const name of ['api', 'billing', 'prices', 'reports', 'rpc', 'partners', 'front']) {
      const template = of(name);
      const types = Object.values(template.toJSON().Resources).map((resource) => (resource as { Type: string }).Type);
      expect(new Set(types)).toEqual(new Set([...types].filter((type) => STATELESS.test(type))));
      expect(template.toJSON().Outputs).toBeUndefined();
      template.resourceCountIs('AWS::ECS::Service', 1);
    }
  });

  test('are told and may do only what they list', () => {
    const template = of('billing');
    const told = variables(template);
    expect(told).toHaveProperty('DATABASE_PASSWORD');
    expect(told).not.toHaveProperty('CACHE_PASSWORD');
    expect(told).not.toHaveProperty('CACHE_HOST');
    expect(told).toMatchObject({
      SEARCH_PASSWORD: '',
      JOB_QUEUE_URL: '',
      EVENT_TOPIC_ARN: '',
      SHARED_TABLE: '',
      USER_POOL_ID: '',
    });
    template.hasResourceProperties('AWS::ECS::Service', {
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          SecurityGroups: [{ 'Fn::GetAtt': Match.anyValue() }, lent('DatabaseClients'), lent('Callers')],
        },
      },
    });
    // Its task role has no policy at all: a database is reached by network and password.
    const policies = Object.values(template.findResources('AWS::IAM::Policy'));
    expect(policies.map(({ Properties }) => Properties.PolicyName)).toEqual([expect.stringContaining('ExecutionRole')]);
    expect(JSON.stringify(policies)).not.toContain('CacheSecret');
    expect(JSON.stringify(policies)).not.toContain('SearchSecret');
  });

  test('that reach nothing carry no group of anything, and are told of no other service', () => {
    expect(variables(of('prices'))).toMatchObject({ SERVICE_NAMESPACE: '' });
    of('prices').hasResourceProperties('AWS::ECS::Service', {
      NetworkConfiguration: { AwsvpcConfiguration: { SecurityGroups: [{ 'Fn::GetAtt': Match.anyValue() }] } },
    });
  });

  test('deploy after what they call, and only then take requests from users', () => {
    const deployedAfter = (name: string) =>
      all.assembly.stacks.find((stack) => stack.stackName === stackName(name))?.dependencies.map((id) => id.replace(/.*\//, ''));
    expect(JSON.stringify(deployedAfter('front'))).toContain('prices');
    expect(JSON.stringify(deployedAfter('billing'))).not.toContain('prices');
    const { Resources } = of('billing').toJSON();
    const [service] = Object.keys(of('billing').findResources('AWS::ECS::Service'));
    const rules = Object.entries<Rule>(Resources).filter(([, { Type }]) => Type.endsWith('ListenerRule'));
    const [waiting, rule] = ['/waiting-for-tasks/billing', '/billing/*'].map(
      (path) => rules.find(([, { Properties }]) => Properties.Conditions[0].PathPatternConfig.Values[0] === path)!,
    );
    expect(Resources[service].DependsOn).toContain(waiting[0]);
    expect(Resources[service].DependsOn).not.toContain(rule[0]);
    expect(rule[1].DependsOn).toContain(service);
  });

  test('speak gRPC with users through a target group of gRPC and a distribution that lets it through', () => {
    of('rpc').hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      ProtocolVersion: 'GRPC',
      HealthCheckPath: '/grpc.health.v1.Health/Check',
      Matcher: { GrpcCode: '0' },
    });
    all.primary.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { DefaultCacheBehavior: { GrpcConfig: { Enabled: true } } },
    });
    synthesized(3).primary.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { DefaultCacheBehavior: { GrpcConfig: Match.absent() } },
    });
    of('prices').hasResourceProperties('AWS::ECS::Service', {
      ServiceConnectConfiguration: { Services: [{ DiscoveryName: 'prices', Timeout: { PerRequestTimeoutSeconds: 0 } }] },
    });
    of('prices').hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({ PortMappings: [Match.objectLike({ AppProtocol: 'grpc', ContainerPort: 9000 })] }),
      ],
    });
  });

  test('take host names', () => {
    of('partners').hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Priority: 1234,
      Conditions: Match.arrayWith([{ Field: 'host-header', HostHeaderConfig: { Values: ['partners.example.com'] } }]),
    });
  });

  test('work off a queue of the product, and scale by it', () => {
    const template = of('reports');
    expect(variables(template)).toMatchObject({ JOB_QUEUE_URL: { 'Fn::GetStackOutput': expect.anything() } });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 5, CustomizedMetricSpecification: Match.anyValue() },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [Match.objectLike({ Action: Match.arrayWith(['sqs:ReceiveMessage']), Resource: lent('ReportsQueueArn') })],
      },
    });
    template.hasResourceProperties('AWS::ECS::Service', { ServiceConnectConfiguration: Match.absent() });
  });

  test('tell people when they have too few tasks, fail, or are slow', () => {
    for (const [name, count] of [
      ['billing', 6],
      ['prices', 3],
    ] as const) {
      const alarms = Object.values(of(name).findResources('AWS::CloudWatch::Alarm'));
      expect([name, alarms.length]).toEqual([name, count]);
      for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
    }
  });

  test('let the load balancer out to all of them by one rule', () => {
    all.primary.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Load balancer behind CloudFront',
      SecurityGroupEgress: Match.arrayWith([
        Match.objectLike({ FromPort: 0, ToPort: 65535, Description: 'Services of the product' }),
      ]),
    });
  });

  test('are updates in place of core and auth, which every other service may call', () => {
    for (const name of ['core', 'auth']) {
      all.primary.hasResourceProperties('AWS::ECS::Service', {
        ServiceConnectConfiguration: {
          Enabled: true,
          Namespace: { 'Fn::GetAtt': Match.anyValue() },
          Services: [
            {
              DiscoveryName: name,
              ClientAliases: [{ DnsName: name, Port: 80 }],
              IngressPortOverride: 10080,
              Timeout: { PerRequestTimeoutSeconds: 3, IdleTimeoutSeconds: 300 },
            },
          ],
        },
      });
    }
    const services = Object.values(all.primary.findResources('AWS::ECS::Service'));
    expect(services.filter(({ Properties }) => Properties.ServiceConnectConfiguration)).toHaveLength(3);
  });

  test('renew their tasks when the password of the database has changed', () => {
    all.primary.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Changes the password of the product database',
      Environment: { Variables: Match.objectLike({ CLUSTER: { 'Fn::GetAtt': Match.anyValue() } }) },
    });
  });
});

/** What may stand in the stack of a service; a log stays when it goes, as every log does. */
const STATELESS =
  /^AWS::(Logs::LogGroup|IAM::(Role|Policy)|ECS::(TaskDefinition|Service)|EC2::SecurityGroup(Ingress)?|ApplicationAutoScaling::.*|CloudWatch::(Alarm|Dashboard)|ElasticLoadBalancingV2::(TargetGroup|ListenerRule)|SSM::Document)$/;

describe('a service whose releases shift traffic', () => {
  const releases = ReleaseStrategy.USERS_1M;
  const all = synthesized(3, { services: [{ ...BILLING, releases }, { name: 'api', releases }, { name: 'prices' }] });
  const billing = all.byName[stackName('billing')];
  const targets = { Ref: Match.stringLikeRegexp('^RouteTargets') };
  const alternate = { Ref: Match.stringLikeRegexp('^RouteAlternate') };

  test('has two target groups that are alike, and a canary between them by the rule with its paths', () => {
    const groups = Object.values(billing.findResources('AWS::ElasticLoadBalancingV2::TargetGroup'));
    expect(groups).toHaveLength(2);
    expect(groups[0].Properties).toEqual(groups[1].Properties);
    for (const template of [billing, all.byName[stackName('api')]]) {
      template.hasResourceProperties('AWS::ECS::Service', {
        DeploymentConfiguration: Match.objectLike({
          Strategy: 'CANARY',
          CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 5 },
          DeploymentCircuitBreaker: { Enable: true, Rollback: true },
          Alarms: { AlarmNames: [Match.anyValue(), Match.anyValue()], Enable: true, Rollback: true },
        }),
        LoadBalancers: [
          Match.objectLike({
            TargetGroupArn: targets,
            AdvancedConfiguration: {
              AlternateTargetGroupArn: alternate,
              ProductionListenerRule: { Ref: Match.stringLikeRegexp('^RouteRule') },
              RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RouteTrafficShiftRole'), 'Arn'] },
            },
          }),
        ],
      });
    }
  });

  test('is found by one rule, which holds nothing that a new password would change', () => {
    const rules = Object.values(billing.findResources('AWS::ElasticLoadBalancingV2::ListenerRule'));
    expect(rules).toHaveLength(1);
    billing.hasResource('AWS::ElasticLoadBalancingV2::ListenerRule', {
      DependsOn: Match.absent(),
      Properties: {
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/billing/*'] } }],
        Actions: [
          {
            Type: 'forward',
            ForwardConfig: {
              TargetGroups: [
                { TargetGroupArn: targets, Weight: 1 },
                { TargetGroupArn: alternate, Weight: 0 },
              ],
            },
          },
        ],
      },
    });
    expect(JSON.stringify(billing.toJSON())).not.toContain('OriginPassword');
  });

  test('lets ECS shift that rule and those target groups only', () => {
    billing.hasResourceProperties('AWS::IAM::Role', {
      Description: 'Shifts the traffic of a load balancer to the tasks of a release',
      Policies: [
        {
          PolicyDocument: Match.objectLike({
            Statement: [
              Match.objectLike({ Resource: '*' }),
              Match.objectLike({
                Action: 'elasticloadbalancing:ModifyRule',
                Resource: [{ Ref: Match.stringLikeRegexp('^RouteRule') }],
              }),
              Match.objectLike({ Resource: [targets, alternate] }),
            ],
          }),
        },
      ],
    });
  });

  test('is sent back, watched and scaled by both target groups, by the name that the load balancer says itself', () => {
    const alarms = Object.values(billing.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(8);
    for (const { Properties } of alarms) {
      expect([Properties.AlarmDescription, Properties.AlarmActions]).toEqual([Properties.AlarmDescription, [expect.anything()]]);
    }
    const overBoth = alarms.filter(({ Properties }) => JSON.stringify(Properties.Metrics ?? []).includes('MAX(['));
    expect(overBoth).toHaveLength(5);
    for (const { Properties } of overBoth) {
      expect(Properties).not.toHaveProperty('EvaluateLowSampleCountPercentile');
      const text = JSON.stringify(Properties.Metrics);
      expect([text.includes('RouteTargets'), text.includes('RouteAlternate')]).toEqual([true, true]);
    }
    billing.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 1000,
        CustomizedMetricSpecification: {
          Metrics: Match.arrayWith([Match.objectLike({ Expression: 'MAX([FILL(group0, 0), FILL(group1, 0)])' })]),
        },
      },
    });
    expect(JSON.stringify(billing.toJSON())).not.toContain('Fn::Split');
  });

  test('came from rolling by an update of the same rule, which no request notices, and goes on', () => {
    const at = (services: ProductService[]) => stageWith(3, { props: () => ({ regions: [], services }) });
    const [rolls, shifts] = [at([BILLING]), at([{ ...BILLING, releases }])];
    expect(planClimb(rolls, shifts).faults).toEqual([]);
    expect(planClimb(shifts, at([{ ...BILLING, releases: ReleaseStrategy.rolling() }])).faults).toEqual([]);
    const ruleOf = (assembly: Assembly) =>
      resources(assembly, 'AWS::ElasticLoadBalancingV2::ListenerRule').filter(({ properties }) =>
        JSON.stringify(properties.Conditions).includes('"/billing/*"'),
      );
    const [before, after] = [ruleOf(rolls), ruleOf(shifts)];
    expect(after).toHaveLength(1);
    expect(after[0].logicalId).toBe(before[0].logicalId);
    expect(after[0].properties).toMatchObject({
      Priority: before[0].properties.Priority,
      Conditions: before[0].properties.Conditions,
    });
    const first = (properties: Record<string, unknown>) => JSON.stringify(properties.Actions).match(/RouteTargets\w+/)?.[0];
    expect(first(after[0].properties)).toBe(first(before[0].properties));
  });

  test('passes every pack', () => {
    const stack = testStack();
    const stage = addStage(stack, 3, {
      ...{ image: IMAGE, regions: [], server: ServerOption.never('starts with services') },
      services: [{ ...BILLING, releases }],
    }) as Stage3Specialized;
    const mine = (paths: string[]) => paths.filter((path) => path.includes('/billing'));
    expect(everyPack(stage.services.stackOf('billing'))).toEqual({ open: [], unused: [] });
    const { open, unused } = policy(stack);
    expect([mine(open), mine(unused)]).toEqual([[], []]);
  });

  test('asks for the password in every rule where the product itself stays in one target group', () => {
    const plain = synthesized(3, { releases: ReleaseStrategy.inOneGroup(), services: [BILLING] });
    const rules = Object.values(plain.byName[stackName('billing')].findResources('AWS::ElasticLoadBalancingV2::ListenerRule'));
    expect(rules).toHaveLength(2);
    for (const { Properties } of rules) {
      expect(Properties.Conditions[1]).toMatchObject({ HttpHeaderConfig: { HttpHeaderName: 'X-Origin-Verify' } });
      expect(Properties.Conditions[1].HttpHeaderConfig.Values).toHaveLength(2);
    }
  });
});

describe('a service that may ask for permissions', () => {
  const props = {
    signIn: { permissions: PermissionModel.byGroups(), groups: [{ name: 'clerks', permits: ['refund'] }] },
  };
  const services: ProductService[] = [BILLING, { name: 'feed', reaches: [Reach.USERS] }];
  const verifiedPermissions = (region: string) => ({
    'Fn::Join': ['', [`verifiedpermissions.${region}.`, { Ref: 'AWS::URLSuffix' }]],
  });
  const allowed = (template: Template) =>
    JSON.stringify(template.findResources('AWS::IAM::Policy')).match(/verifiedpermissions:IsAuthorized"/g)?.length ?? 0;

  test('is told the store and may ask it, and no other is', () => {
    const all = synthesized(3, { ...props, services });
    const [api, billing, feed] = ['api', 'billing', 'feed'].map((name) => all.byName[stackName(name)]);
    for (const template of [api, feed]) {
      expect(variables(template).PERMISSION_STORE_ID).toMatchObject({ 'Fn::GetStackOutput': expect.anything() });
      expect(allowed(template)).toBe(1);
      template.hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Action: 'kms:Decrypt',
              Resource: lent('PermissionStoreKey'),
              Condition: { StringEquals: { 'kms:ViaService': verifiedPermissions('us-east-1') } },
            }),
          ]),
        },
      });
    }
    expect([variables(billing).PERMISSION_STORE_ID, allowed(billing)]).toEqual(['', 0]);
  });

  test('asks the store of the primary Region from everywhere', () => {
    const all = synthesized(4, { ...props, services, regions: [{ region: 'us-west-2' }] });
    const west = all.byName['Shop-Product-us-west-2-Services-feed'];
    expect(variables(west).PERMISSION_STORE_ID).toMatchObject({
      'Fn::GetStackOutput': { StackName: 'Shop', Region: 'us-east-1' },
    });
    expect(JSON.stringify(west.toJSON())).toContain(JSON.stringify(verifiedPermissions('us-east-1')));
    expect(allowed(west)).toBe(1);
  });

  test('asks nothing where there is no store', () => {
    const feed = synthesized(3, { services }).byName[stackName('feed')];
    expect([variables(feed).PERMISSION_STORE_ID, allowed(feed)]).toEqual(['', 0]);
  });
});

describe('what is seen of services', () => {
  const all = synthesized(3, (stack) => ({
    tracing: Tracing.xray(),
    services: [
      { ...BILLING, releases: ReleaseStrategy.USERS_1M },
      { name: 'prices', dashboard: false },
      { name: 'reports', entrance: Entrance.none(), queue: new JobQueue(stack, 'Reports') },
    ],
  }));
  const rows = (name: string) => rowsOf(all.byName[name]);
  const linesOf = (widgets: Widget[]) => JSON.stringify(widgets.map(({ properties }) => properties.metrics));

  test('is a dashboard in the stack of each, unless it wants none', () => {
    expect(Object.keys(rows(stackName('billing')))).toEqual(['Alarms', 'Service billing', 'Calls of other services']);
    expect(Object.keys(rows(stackName('reports')))).toEqual(['Alarms', 'Service reports', 'Queue']);
    expect(Object.keys(rows(stackName('api')))).toEqual(['Alarms', 'Service api', 'Calls of other services']);
    all.byName[stackName('prices')].resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    expect(rows(stackName('billing')).Alarms[0].properties.alarms).toHaveLength(8);
    const [errors] = rows(stackName('reports')).Queue.filter(({ properties }) => properties.title?.startsWith('Errors'));
    expect(JSON.stringify(errors.properties.metrics)).toContain('DeadLetters');
  });

  test('are the requests of users in both target groups, and who calls', () => {
    const [latency, traffic] = rows(stackName('billing'))['Service billing'];
    expect([latency, traffic].map(({ properties }) => properties.metrics?.length)).toEqual([6, 2]);
    const calls = linesOf(rows(stackName('billing'))['Calls of other services']);
    expect(calls).toContain('TargetDiscoveryName=\\"billing\\"');
  });

  test('are auth, notification and every call on the page of the product', () => {
    const page = rows('Shop');
    expect(Object.keys(page)).toEqual(
      expect.arrayContaining([
        'Workers and queue',
        'Service auth',
        'Service notification and its queue',
        'Calls between services',
      ]),
    );
    expect(linesOf(page['Service notification and its queue'])).toMatch(/NotificationQueue\w*DeadLetterQueue/);
    expect(linesOf(page['Service auth'])).toMatch(/AuthTargets\w*/);
    expect(Object.keys(rowsOf(synthesized(2).primary)).filter((row) => /^(Service|Calls)/.test(row))).toEqual([]);
  });

  test('are traces of all of them, under a name each on the map', () => {
    for (const [name, from] of [
      ['Shop-api', stackName('api')],
      ['Shop-billing', stackName('billing')],
      ['Shop-prices', stackName('prices')],
      ['Shop-reports', stackName('reports')],
      ['Shop-Auth', 'Shop'],
      ['Shop-Notification', 'Shop'],
    ]) {
      all.byName[from].hasResourceProperties('AWS::ECS::TaskDefinition', {
        ContainerDefinitions: Match.arrayWith([
          Match.objectLike({ Environment: Match.arrayWith([{ Name: 'OTEL_SERVICE_NAME', Value: name }]) }),
          Match.objectLike({ Name: 'trace-collector' }),
        ]),
      });
    }
  });
});

describe.each([3, 4])('at stage %d', (stage) => {
  test('no subnet is warned about, since nothing changes its routes', () => {
    const folder = synthStage(stage, { regions: [{ region: 'us-west-2' }] });
    const texts = readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.endsWith('.template.json'))
      .map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.join('\n').match(/.*noSubnetRouteTableId.*/g)).toBeNull();
  });
});

describe('a service with an image that is released', () => {
  const all = synthesized(3, (stack) => {
    const repository = ecr.Repository.fromRepositoryName(stack, 'Images', 'billing');
    return { services: [{ ...BILLING, image: ProductImage.fromRelease(repository, ReleaseTag.of('1.0.0')) }] };
  });

  test('has its own parameter and its own runbook, and the product has neither', () => {
    const billing = all.byName[stackName('billing')];
    billing.hasParameter('ReleaseTag', { Default: '1.0.0' });
    billing.resourceCountIs('AWS::SSM::Document', 1);
    expect(all.primary.toJSON().Parameters).not.toHaveProperty('ReleaseTag');
    expect(all.byName[stackName('api')].toJSON().Parameters).not.toHaveProperty('ReleaseTag');
  });
});

describe('at stage 4', () => {
  const all = synthesized(4, (stack) => ({
    regions: [{ region: 'us-west-2' }],
    services: [
      BILLING,
      { name: 'feed', reaches: [Reach.STREAM] },
      { name: 'jobs', entrance: Entrance.none(), queue: new JobQueue(stack, 'Own') },
    ],
  }));
  const west = (name: string) => all.byName[`Shop-Product-us-west-2-Services-${name}`];

  test('every Region has the services, but for those with a queue, which is in one', () => {
    expect(
      Object.keys(all.byName)
        .filter((name) => name.includes('-Services-'))
        .sort(),
    ).toEqual([
      'Shop-Product-Services-api',
      'Shop-Product-Services-billing',
      'Shop-Product-Services-feed',
      'Shop-Product-Services-jobs',
      'Shop-Product-us-west-2-Services-api',
      'Shop-Product-us-west-2-Services-billing',
      'Shop-Product-us-west-2-Services-feed',
    ]);
  });

  test('they take what they need of their own Region, and what is one for all of the primary', () => {
    const told = variables(west('billing'));
    expect(told.DATABASE_WRITER_HOST).toMatchObject({
      'Fn::GetStackOutput': { StackName: 'Shop-Product-us-west-2', Region: 'us-west-2' },
    });
    expect(JSON.stringify(told.DATABASE_PASSWORD)).toContain('"StackName":"Shop","Region":"us-east-1"');
    expect(JSON.stringify(west('billing').toJSON())).not.toContain('Fn::Split');
  });

  test('they read and write the event stream of their Region', () => {
    west('feed').hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: Match.arrayWith(['kafka-cluster:WriteData']), Resource: lent('StreamTopics') }),
        ]),
      },
    });
    expect(variables(west('feed')).EVENT_STREAM_CLUSTER_ARN).toMatchObject({
      'Fn::GetStackOutput': { StackName: 'Shop-Product-us-west-2' },
    });
  });
});

describe('a hundred services', () => {
  /** Forty that users reach, sixty that others call. */
  const many = (count: number): ProductService[] =>
    Array.from({ length: count }, (_, index) => ({
      name: `service-${index + 1}`,
      entrance: index % 5 < 2 ? Entrance.paths(`/service-${index + 1}/*`) : Entrance.mesh(),
      reaches: [
        [Reach.DATABASE, Reach.CACHE, Reach.SEARCH, Reach.service('auth')],
        [Reach.EVENTS, Reach.JOBS],
        [Reach.DATABASE, Reach.service(index > 0 ? `service-${index}` : 'core')],
      ][index % 3],
      size: ServiceSize.of(256, 512, 2, 4),
    }));
  const of = (services: ProductService[]): Assembly =>
    stageWith(3, { props: (stack: Stack) => ({ regions: [], domain: testDomain(stack), services }) });
  /** Of those that users reach, every second releases by a canary: sixty target groups. */
  const at = (count: number): Assembly =>
    of(many(count).map((service, index) => (index % 5 === 0 ? { ...service, releases: ReleaseStrategy.USERS_1M } : service)));
  const hundred = at(100);

  test('synthesize into stacks of at most 400 resources and 800 KB', () => {
    const services = hundred.stacks.filter((stack) => stack.stackName.startsWith('Shop-Product-Services-'));
    expect(services).toHaveLength(101);
    for (const stack of hundred.stacks) {
      expect([stack.stackName, Object.keys(stack.template.Resources ?? {}).length <= 400]).toEqual([stack.stackName, true]);
      const bytes = Buffer.byteLength(JSON.stringify(stack.template, undefined, 1));
      expect([stack.stackName, bytes <= 800_000]).toEqual([stack.stackName, true]);
      expect(Object.keys((stack.template as { Outputs?: object }).Outputs ?? {}).length).toBeLessThanOrEqual(200);
    }
  });

  test('let in no group by more than sixty rules, and carry no more than five', () => {
    const rules = new Map<string, number>();
    for (const { stack, properties } of resources(hundred, 'AWS::EC2::SecurityGroupIngress')) {
      const group = `${stack.stackName} ${JSON.stringify(properties.GroupId)}`;
      rules.set(group, (rules.get(group) ?? 0) + 1);
    }
    for (const [group, count] of rules) expect([group, count <= 60]).toEqual([group, true]);
    for (const { properties } of resources(hundred, 'AWS::ECS::Service')) {
      const { AwsvpcConfiguration } = properties.NetworkConfiguration as { AwsvpcConfiguration: { SecurityGroups: unknown[] } };
      expect(AwsvpcConfiguration.SecurityGroups.length).toBeLessThanOrEqual(5);
    }
  });

  test('have a priority each', () => {
    const priorities = resources(hundred, 'AWS::ElasticLoadBalancingV2::ListenerRule').map(
      ({ properties }) => properties.Priority,
    );
    expect(new Set(priorities).size).toBe(priorities.length);
    expect(priorities.length).toBeLessThanOrEqual(100);
  });

  test('take no more target groups than a load balancer has', () => {
    const shifted = resources(hundred, 'AWS::ECS::Service').filter(({ properties }) =>
      JSON.stringify(properties.DeploymentConfiguration).includes('CANARY'),
    );
    // With core and auth.
    expect(shifted).toHaveLength(22);
    const groups = resources(hundred, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    // 40 and `api`, 20 of them twice, and two each of core and auth.
    expect(groups).toHaveLength(41 + 20 + 4);
    expect(groups.length).toBeLessThanOrEqual(100);
  });

  test('change in no stack when there comes one more', () => {
    const more = at(101);
    expect(more.stacks).toHaveLength(hundred.stacks.length + 1);
    for (const { stackName: name, template } of hundred.stacks) {
      const after = more.stacks.find((stack) => stack.stackName === name);
      expect(after?.template).toEqual(template);
    }
  });

  test('lose nothing when they come', () => {
    const { faults } = planClimb(at(0), hundred);
    expect(faults).toEqual([]);
  });

  test('may be retired, but for their logs, and may not just leave', () => {
    const before = of([BILLING]);
    const retired = of([{ ...BILLING, retired: true }]);
    expect(planClimb(before, retired).faults).toEqual([]);
    expect(planClimb(retired, before).faults).toEqual([]);
    const { Resources } = retired.stacks.find((stack) => stack.stackName === stackName('billing'))!.template;
    expect(Object.values(Resources ?? {}).map(({ Type }) => Type)).toEqual(['AWS::Logs::LogGroup']);
    expect(planClimb(before, of([])).plan.impossible).toContain('billing/Service/LogGroup (AWS::Logs::LogGroup) is orphaned');
  });
});
