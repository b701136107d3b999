import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { Entrance, MeshProtocol } from '../../lib/blocks/compute/entrance';
import { ProductImage } from '../../lib/blocks/compute/product-image';
import type { ProductService } from '../../lib/blocks/compute/product-service';
import { Reach } from '../../lib/blocks/compute/reach';
import { ReleaseTag } from '../../lib/blocks/compute/release-tag';
import { ServiceSize } from '../../lib/blocks/compute/service-size';
import { JobQueue } from '../../lib/blocks/messaging/job-queue';
import { ServerOption } from '../../lib/stages/server-option';
import { planClimb, stageWith } from '../promotion/ladder';
import { testDomain } from '../synth-stages';
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
      Conditions: [
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } },
        {
          Field: 'http-header',
          HttpHeaderConfig: { HttpHeaderName: 'X-Origin-Verify', Values: [Match.anyValue(), Match.anyValue()] },
        },
      ],
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
  /^AWS::(Logs::LogGroup|IAM::(Role|Policy)|ECS::(TaskDefinition|Service)|EC2::SecurityGroup(Ingress)?|ApplicationAutoScaling::.*|CloudWatch::Alarm|ElasticLoadBalancingV2::(TargetGroup|ListenerRule)|SSM::Document)$/;

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
  const at = (count: number): Assembly => of(many(count));
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
