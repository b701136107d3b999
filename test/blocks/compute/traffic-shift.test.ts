import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DeploymentLifecycleStage } from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ContainerService } from '../../../lib/blocks/compute/container-service';
import { LoadBalancer } from '../../../lib/blocks/compute/load-balancer';
import { ReleaseStrategy } from '../../../lib/blocks/compute/release-strategy';
import { AssetBucket } from '../../../lib/blocks/data/asset-bucket';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { testStack } from '../../stacks';
import { losses } from '../before-after';
import { everyPack } from '../every-pack';
import { CLEAN, policy, service } from './service-fixture';

const SERVICE = 'AWS::ECS::Service';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const CANARY = ReleaseStrategy.canary(10, Duration.minutes(5));
const HEADER = { headerName: 'X-Origin-Verify', headerValues: ['a', 'b'] };
const { PRE_SCALE_UP, POST_PRODUCTION_TRAFFIC_SHIFT } = DeploymentLifecycleStage;

interface Front {
  readonly front: LoadBalancer;
  readonly made: ContainerService;
}

/** A service behind a load balancer whose releases take over like this. */
function shifted(stack: Stack, releases?: ReleaseStrategy): Front {
  const made = service(stack);
  const logBucket = new LogBucket(stack, 'Logs');
  new AssetBucket(stack, 'Assets', { accessLogBucket: logBucket.bucket });
  const front = new LoadBalancer(stack, 'LoadBalancer', { logBucket, vpc: made.service.cluster.vpc });
  const targets = front.route('Core', { service: made, healthCheckPath: '/health', releases });
  made.scaleOnRequests(targets);
  made.releases.alarms?.notify(new AlarmTopic(stack, 'Alarms'));
  return { front, made };
}

/** Another service of the same cluster. */
function second(stack: Stack, { service: { cluster } }: ContainerService): ContainerService {
  return service(new Construct(stack, 'Second') as Stack, { cluster });
}

function template(releases?: ReleaseStrategy, more?: (parts: Front, stack: Stack) => void): Template {
  const stack = testStack();
  const parts = shifted(stack, releases);
  more?.(parts, stack);
  return Template.fromStack(stack);
}

function onlyService(from: Template): { DependsOn: string[]; Properties: Record<string, unknown> } {
  const [found] = Object.values(from.findResources(SERVICE));
  return found as { DependsOn: string[]; Properties: Record<string, unknown> };
}

function check(stack: Stack, id = 'Check'): lambda.Function {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.PYTHON_3_13,
    handler: 'index.check',
    code: lambda.Code.fromInline('def check(event, context):\n    return {"hookStatus": "SUCCEEDED"}\n'),
  });
}

describe('a service whose releases shift traffic', () => {
  const canary = template(CANARY);

  test('says how, with both alarms and the circuit breaker', () => {
    canary.hasResourceProperties(SERVICE, {
      DeploymentController: Match.absent(),
      DeploymentConfiguration: {
        Strategy: 'CANARY',
        CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 5 },
        LinearConfiguration: Match.absent(),
        BakeTimeInMinutes: 5,
        MaximumPercent: 200,
        MinimumHealthyPercent: 100,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        Alarms: {
          AlarmNames: [
            { Ref: Match.stringLikeRegexp('^ServiceReleaseAlarmsErrors') },
            { Ref: Match.stringLikeRegexp('^ServiceReleaseAlarmsSlow') },
          ],
          Enable: true,
          Rollback: true,
        },
      },
    });
  });

  test('has two target groups that are alike, the rule between them, and the role that may shift it', () => {
    canary.hasResourceProperties(SERVICE, {
      LoadBalancers: [
        {
          ContainerPort: 3000,
          TargetGroupArn: { Ref: Match.stringLikeRegexp('^LoadBalancerCore[0-9A-F]{8}$') },
          AdvancedConfiguration: {
            AlternateTargetGroupArn: { Ref: Match.stringLikeRegexp('^LoadBalancerCoreAlternate') },
            ProductionListenerRule: { Ref: Match.stringLikeRegexp('^LoadBalancerCoreRule') },
            RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LoadBalancerTrafficShiftRole'), 'Arn'] },
          },
        },
      ],
    });
    const groups = Object.values(canary.findResources('AWS::ElasticLoadBalancingV2::TargetGroup'));
    expect(groups).toHaveLength(2);
    expect(groups[0].Properties).toEqual(groups[1].Properties);
  });

  test('starts with everything in the first, by a rule that asks for nothing that could change', () => {
    canary.resourceCountIs(RULE, 1);
    canary.hasResourceProperties(RULE, {
      Priority: 49_750,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['*'] } }],
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: { Ref: Match.stringLikeRegexp('^LoadBalancerCore[0-9A-F]{8}$') }, Weight: 1 },
              { TargetGroupArn: { Ref: Match.stringLikeRegexp('^LoadBalancerCoreAlternate') }, Weight: 0 },
            ],
          },
        },
      ],
    });
  });

  test('lets ECS change that rule and those targets, and nothing else', () => {
    const ref = (pattern: string) => ({ Ref: Match.stringLikeRegexp(pattern) });
    canary.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 'ecs.amazonaws.com' } })] },
      ManagedPolicyArns: Match.absent(),
      Policies: [
        {
          PolicyDocument: {
            Statement: [
              Match.objectLike({
                Action: ['DescribeListeners', 'DescribeRules', 'DescribeTargetGroups', 'DescribeTargetHealth'].map(
                  (name) => `elasticloadbalancing:${name}`,
                ),
                Resource: '*',
              }),
              Match.objectLike({ Action: 'elasticloadbalancing:ModifyRule', Resource: [ref('^LoadBalancerCoreRule')] }),
              Match.objectLike({
                Action: ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
                Resource: [ref('^LoadBalancerCore[0-9A-F]{8}$'), ref('^LoadBalancerCoreAlternate')],
              }),
            ],
          },
        },
      ],
    });
  });

  test('is sent back by the worse of the two target groups, so that a canary is judged alone', () => {
    canary.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: Match.absent(),
      Threshold: 5,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
      Metrics: Match.arrayWith([
        Match.objectLike({
          Expression:
            'MAX([IF(FILL(requests0, 0) >= 20, 100 * FILL(failed0, 0) / FILL(requests0, 1), 0), ' +
            'IF(FILL(requests1, 0) >= 20, 100 * FILL(failed1, 0) / FILL(requests1, 1), 0)])',
        }),
      ]),
    });
    canary.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 1,
      EvaluationPeriods: 3,
      Metrics: Match.arrayWith([
        Match.objectLike({
          Expression: Match.stringLikeRegexp('^MAX\\(\\[IF\\(.+FILL\\(time0, 0\\), 0\\), IF\\(.+FILL\\(time1, 0\\)'),
        }),
        Match.objectLike({ MetricStat: Match.objectLike({ Stat: 'p95', Period: 60 }) }),
      ]),
    });
  });

  test('has no circle: neither alarm knows the service', () => {
    for (const alarm of Object.values(canary.findResources('AWS::CloudWatch::Alarm'))) {
      expect(JSON.stringify(alarm)).not.toMatch(/ServiceService/);
    }
  });

  test('scales on the busier target group, whichever it is', () => {
    canary.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 1000,
        PredefinedMetricSpecification: Match.absent(),
        CustomizedMetricSpecification: {
          Metrics: [
            Match.objectLike({ Id: 'group0', ReturnData: false }),
            Match.objectLike({ Id: 'group1', ReturnData: false }),
            Match.objectLike({ Expression: 'MAX([FILL(group0, 0), FILL(group1, 0)])', ReturnData: true }),
          ],
        },
      },
    });
  });

  test('spreads its tasks again after a zone was away, as every service does', () => {
    for (const made of [canary, template()]) made.hasResourceProperties(SERVICE, { AvailabilityZoneRebalancing: 'ENABLED' });
  });

  test('may be linear or blue/green', () => {
    const linear = template(ReleaseStrategy.linear(20, Duration.minutes(2), Duration.minutes(3)));
    linear.hasResourceProperties(SERVICE, {
      DeploymentConfiguration: {
        Strategy: 'LINEAR',
        LinearConfiguration: { StepPercent: 20, StepBakeTimeInMinutes: 2 },
        CanaryConfiguration: Match.absent(),
        BakeTimeInMinutes: 3,
      },
    });
    template(ReleaseStrategy.blueGreen(Duration.minutes(0))).hasResourceProperties(SERVICE, {
      DeploymentConfiguration: { Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 0 },
    });
  });
});

describe('a service that rolls', () => {
  test('keeps both target groups, because its tasks may be in either, and says that nothing else is left', () => {
    const rolling = template(ReleaseStrategy.rolling());
    rolling.hasResourceProperties(SERVICE, {
      LoadBalancers: [{ AdvancedConfiguration: Match.objectLike({ AlternateTargetGroupArn: Match.anyValue() }) }],
      DeploymentConfiguration: {
        Strategy: 'ROLLING',
        BakeTimeInMinutes: Match.absent(),
        Alarms: { AlarmNames: [], Enable: false, Rollback: false },
        LifecycleHooks: [],
      },
    });
    rolling.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    expect(rolling.findResources(RULE)).toEqual(template(CANARY).findResources(RULE));
  });

  test('has one target group where that is wanted, or nothing is said', () => {
    for (const releases of [undefined, ReleaseStrategy.inOneGroup()]) {
      const plain = template(releases);
      plain.resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 1);
      plain.resourceCountIs(RULE, 0);
      const { DeploymentConfiguration, LoadBalancers } = onlyService(plain).Properties;
      expect(DeploymentConfiguration).toMatchObject({
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MaximumPercent: 200,
        MinimumHealthyPercent: 100,
        // Said, so that a rollback from a canary to this does not ask for one without the second group.
        Strategy: 'ROLLING',
        Alarms: { AlarmNames: [], Enable: false, Rollback: false },
        LifecycleHooks: [],
      });
      expect(LoadBalancers).toEqual([expect.not.objectContaining({ AdvancedConfiguration: expect.anything() })]);
    }
  });

  test('can shift from tomorrow on, and roll again, all in place', () => {
    const all = [
      undefined,
      ReleaseStrategy.rolling(),
      CANARY,
      ReleaseStrategy.linear(50, Duration.minutes(1), Duration.minutes(1)),
    ];
    for (const [index, before] of all.entries()) {
      for (const after of all.slice(Math.min(index, 1))) {
        const lost = losses(
          (stack) => shifted(stack, before),
          (stack) => shifted(stack, after),
        );
        // The alarms of releases come and go; they hold nothing.
        expect(lost.filter((loss) => !loss.startsWith('AWS::CloudWatch::Alarm') && !loss.startsWith('AWS::SNS'))).toEqual([]);
      }
    }
  });
});

describe('the rules of a load balancer whose releases shift traffic', () => {
  test('of a service with paths are its own', () => {
    const made = template(CANARY, ({ front, made: core }, stack) => {
      front.route('Auth', {
        service: second(stack, core),
        healthCheckPath: '/',
        pathPatterns: ['/auth/*'],
        priority: 3,
        releases: CANARY,
      });
    });
    made.hasResourceProperties(RULE, {
      Priority: 3,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/auth/*'] } }],
      Actions: [
        { Type: 'forward', ForwardConfig: { TargetGroups: [Match.objectLike({ Weight: 1 }), Match.objectLike({ Weight: 0 })] } },
      ],
    });
    made.hasResourceProperties('AWS::IAM::Role', {
      Policies: [
        {
          PolicyDocument: {
            Statement: Match.arrayWith([
              Match.objectLike({
                Action: 'elasticloadbalancing:ModifyRule',
                Resource: [Match.anyValue(), { Ref: Match.stringLikeRegexp('AuthActionRule') }],
              }),
            ]),
          },
        },
      ],
    });
  });

  test('wait for what admits requests, whether they were made before or after', () => {
    const made = template(CANARY, ({ front, made: core }, stack) => {
      const guard = new Construct(stack, 'Guard');
      new lambda.Alias(guard, 'Alias', { aliasName: 'any', version: check(stack).currentVersion });
      front.admitBehind(guard);
      const auth = second(stack, core);
      front.route('Auth', { service: auth, healthCheckPath: '/', pathPatterns: ['/auth/*'], priority: 3, releases: CANARY });
    });
    const rules = Object.values(made.findResources(RULE));
    expect(rules).toHaveLength(2);
    for (const { DependsOn } of rules) expect(DependsOn).toContainEqual(expect.stringMatching(/^GuardAlias/));
  });

  test('take their paths only when there is all that the tasks wait for, said before or after', () => {
    const made = template(CANARY, ({ front, made: core }, stack) => {
      const auth = second(stack, core);
      const slow = ['Before', 'After'].map((id) => check(stack, id));
      auth.service.node.addDependency(slow[0]);
      front.route('Auth', { service: auth, healthCheckPath: '/', pathPatterns: ['/auth/*'], priority: 3, releases: CANARY });
      auth.service.node.addDependency(slow[1]);
      // It is called, so it comes before the core.
      core.service.node.addDependency(auth.service);
    });
    const [[rule, { DependsOn }]] = Object.entries(made.findResources(RULE, { Properties: { Priority: 3 } }));
    for (const name of [/^Before/, /^After/, /^SecondServiceTaskDefinition/]) {
      expect(DependsOn).toContainEqual(expect.stringMatching(name));
    }
    const auth = Object.entries(made.findResources(SERVICE)).find(([id]) => id.startsWith('Second'));
    expect(auth?.[1].Properties.LoadBalancers[0].AdvancedConfiguration.ProductionListenerRule).toEqual({ Ref: rule });
    // What takes every path has had it before: its tasks are there.
    const [everything] = Object.values(made.findResources(RULE, { Properties: { Priority: 49_750 } }));
    expect(everything.DependsOn ?? []).not.toContainEqual(expect.stringMatching(/^Before|^ServiceTaskDefinition/));
  });

  test('are on a listener that only forwards, because a release may fail on another', () => {
    const { front } = shifted(testStack(), CANARY);
    expect(() => front.answer('/unavailable', '<p>Soon</p>')).toThrow(
      new Error(
        'answer does not go with releases that shift traffic: publish the page in a bucket, Amazon ECS may refuse a listener that does more than forward',
      ),
    );
  });

  test('are one for each service', () => {
    const { front, made } = shifted(testStack(), CANARY);
    const again = { service: made, healthCheckPath: '/', pathPatterns: ['/a'], priority: 1, releases: CANARY };
    expect(() => front.route('Again', again)).toThrow(
      new Error(
        "a service whose releases shift traffic must have one route, got another to 'Service': give that one all of its paths",
      ),
    );
  });

  test('are asked for no header, which would reset them whenever it changed', () => {
    const message =
      'admitOnly does not go with releases that shift traffic: let a firewall ask for the header (LoadBalancerFirewall.admitOnly), a new password would send everybody to the target group without tasks';
    expect(() => shifted(testStack(), CANARY).front.admitOnly(HEADER)).toThrow(new Error(message));
    const { front, made } = shifted(testStack());
    front.admitOnly(HEADER);
    const late = { service: made, healthCheckPath: '/', pathPatterns: ['/a'], priority: 1, releases: CANARY };
    expect(() => front.route('Late', late)).toThrow(new Error(message));
  });
});

describe('a life-cycle hook', () => {
  test('is asked at its stages, by a role that may call that one function', () => {
    const hooked = template(CANARY, ({ made }, stack) => {
      made.addLifecycleHook('SmokeTest', check(stack), [PRE_SCALE_UP, POST_PRODUCTION_TRAFFIC_SHIFT]);
    });
    const checkArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Check'), 'Arn'] };
    hooked.hasResourceProperties(SERVICE, {
      DeploymentConfiguration: {
        LifecycleHooks: [
          {
            HookTargetArn: checkArn,
            RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ServiceSmokeTestRole'), 'Arn'] },
            LifecycleStages: ['PRE_SCALE_UP', 'POST_PRODUCTION_TRAFFIC_SHIFT'],
          },
        ],
      },
    });
    hooked.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 'ecs.amazonaws.com' } })] },
      Policies: [{ PolicyDocument: { Statement: [{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: checkArn }] } }],
    });
  });

  test('needs a release that has stages', () => {
    for (const releases of [undefined, ReleaseStrategy.rolling()]) {
      const stack = testStack();
      const { made } = shifted(stack, releases);
      expect(() => made.addLifecycleHook('SmokeTest', check(stack), [PRE_SCALE_UP])).toThrow(
        new Error(
          "hook 'SmokeTest' needs releases that shift traffic, got a service that rolls: give its route a ReleaseStrategy such as canary(...)",
        ),
      );
    }
  });

  test('needs a stage, and each once', () => {
    const stack = testStack();
    const { made } = shifted(stack, CANARY);
    const handler = check(stack);
    expect(() => made.addLifecycleHook('None', handler, [])).toThrow(
      new Error("stages of hook 'None' must name a stage, got none: say when it is to be asked"),
    );
    expect(() => made.addLifecycleHook('Twice', handler, [PRE_SCALE_UP, PRE_SCALE_UP])).toThrow(
      new Error("stages of hook 'Twice' name PRE_SCALE_UP twice: name every stage once"),
    );
  });
});

describe('the review', () => {
  test('finds nothing, and no reason without a finding', () => {
    const stack = testStack();
    shifted(stack, CANARY);
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('finds nothing in any pack at the roles', () => {
    const stack = testStack();
    const { made } = shifted(stack, CANARY);
    const handler = lambda.Function.fromFunctionArn(stack, 'Given', 'arn:aws:lambda:us-east-1:123456789012:function:check');
    made.addLifecycleHook('SmokeTest', handler, [PRE_SCALE_UP]);
    const found = everyPack(stack);
    expect(JSON.stringify(found)).not.toMatch(/TrafficShift|SmokeTest|ReleaseAlarms|CoreAlternate|CoreRule/);
  });
});
