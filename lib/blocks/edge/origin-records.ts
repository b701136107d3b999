import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';
import type { AlarmTopic } from '../operations/alarm-topic';
import type { GeographicArea } from './geographic-area';
import type { ProductDomain } from './product-domain';

/** Properties of the records of one Region. */
export interface OriginRecordsProps {
  readonly domain: ProductDomain;
  /** Load balancer of this Region. */
  readonly loadBalancer: elbv2.IApplicationLoadBalancer;
  /**
   * The target group whose health decides whether the Region gets traffic, or the two that take turns: then it does while one of them
   * has a healthy target.
   * @default - the load balancer's own view of its targets
   */
  readonly healthOf?: elbv2.IApplicationTargetGroup[];
  /**
   * Whether, without `healthOf`, the load balancer's own view of its targets decides. Not where releases shift traffic: to Route 53, a
   * load balancer with an empty target group is sick (Route 53 API reference, AliasTarget EvaluateTargetHealth).
   * @default true
   */
  readonly asksLoadBalancer?: boolean;
  /**
   * Areas this Region serves.
   * @default - whoever is nearest by latency
   */
  readonly serves?: GeographicArea[];
  /**
   * Whether this Region also serves everybody in no area; exactly one Region must.
   * @default false
   */
  readonly servesTheRest?: boolean;
  /**
   * Tells people when Route 53 sends the users of this Region elsewhere; only with `healthOf`.
   * @default - nobody is told
   */
  readonly alarms?: AlarmTopic;
}

const NOBODY = 'No task of the site is healthy in this Region: Route 53 sends its users elsewhere';
const HALF = 'No task of the site is healthy in one of its two target groups; one of them is always empty';

const AT_A_LOSS = {
  id: 'ScaleTiers::routed-alias-ignores-health',
  reason:
    'The rule keeps users from a dead target while another could answer. This record is alone under its name until a second Region ' +
    'comes, with a health check then; and to Route 53 a load balancer with an empty target group, which every release leaves, is sick.',
};

/** Name that CloudFront asks for when the nearest Region answers. */
export function latencyOriginHost(domain: ProductDomain): string {
  return `origin.${domain.name}`;
}

/** Name that CloudFront asks for when areas decide; another name, because Route 53 mixes no policies under one. */
export function areaOriginHost(domain: ProductDomain): string {
  return `area-origin.${domain.name}`;
}

/**
 * The records under which CloudFront finds the load balancer of this Region.
 *
 * A latency record from the first Region on: Route 53 refuses a set that mixes simple and latency records, so a simple record
 * would have to go before a second Region could come.
 */
export class OriginRecords extends Construct {
  /** Healthy while the Region has targets to serve; only with `healthOf`. */
  public readonly healthCheck?: route53.HealthCheck;
  /** Each of two target groups alone, of which one is always empty: nothing to look at. Only with two. */
  public readonly halves: cloudwatch.Alarm[] = [];

  constructor(scope: Construct, id: string, props: OriginRecordsProps) {
    super(scope, id);
    const region = Stack.of(this).region;
    this.healthCheck = props.healthOf && this.watch(props.healthOf, region, props.alarms);
    // The load balancer counts as sick when any of its target groups is; with a health check of its own the core service decides
    // (Route 53 API, AliasTarget EvaluateTargetHealth).
    const evaluateTargetHealth = !props.healthOf && (props.asksLoadBalancer ?? true);
    const loadBalancer = new targets.LoadBalancerTarget(props.loadBalancer, { evaluateTargetHealth });
    const record = {
      zone: props.domain.hostedZone,
      target: route53.RecordTarget.fromAlias(loadBalancer),
      healthCheck: this.healthCheck,
    };
    const asked = (one: route53.ARecord) => {
      if (!props.healthOf && !evaluateTargetHealth) acknowledge(one, AT_A_LOSS);
    };
    const latency = new route53.ARecord(this, 'Latency', {
      ...record,
      recordName: `${latencyOriginHost(props.domain)}.`,
      region,
      setIdentifier: region,
    });
    asked(latency);
    const area = (key: string, geoLocation: route53.GeoLocation) => {
      const one = new route53.ARecord(this, `Area-${key}`, {
        ...record,
        recordName: `${areaOriginHost(props.domain)}.`,
        geoLocation,
        setIdentifier: `${region}-${key}`,
      });
      asked(one);
    };
    for (const { key, location } of props.serves ?? []) area(key, location);
    if (props.servesTheRest) area('rest', route53.GeoLocation.default());
  }

  /**
   * Health by alarm: Route 53's own probes cannot reach a load balancer that admits CloudFront only.
   *
   * Of two target groups each has an alarm and a health check, and a third check is healthy while one of them is: Route 53 takes no
   * alarm on metric math and no composite one (Route 53 developer guide, health checks that monitor CloudWatch alarms).
   */
  private watch([first, second]: elbv2.IApplicationTargetGroup[], region: string, alarms?: AlarmTopic): route53.HealthCheck {
    const alarm = this.noHealthyTarget('NoHealthyTarget', first, second ? HALF : NOBODY);
    const check = this.checkOf('HealthCheck', alarm, region);
    if (!second) {
      alarms?.notify(alarm);
      return check;
    }
    const other = this.noHealthyTarget('NoHealthyAlternate', second, HALF);
    this.halves.push(alarm, other);
    for (const half of this.halves) {
      acknowledge(
        half,
        ...sameReason(
          'The rules want every alarm to tell somebody. One of these two always rings, since releases leave one target group empty: ' +
            'Route 53 reads each, and NoHealthyTargets, which rings when both do, tells people.',
          ...inPacks('CloudWatchAlarmAction', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5'),
          'ControlTower::CT.CLOUDWATCH.PR.1',
        ),
      );
    }
    const none = new cloudwatch.CompositeAlarm(this, 'NoHealthyTargets', {
      alarmDescription: NOBODY,
      alarmRule: cloudwatch.AlarmRule.allOf(
        ...this.halves.map((half) => cloudwatch.AlarmRule.fromAlarm(half, cloudwatch.AlarmState.ALARM)),
      ),
    });
    // Left to CloudFormation: CDK's own name holds the path through the whole app, and a name is create-only.
    (none.node.defaultChild as cloudwatch.CfnCompositeAlarm).addPropertyDeletionOverride('AlarmName');
    alarms?.notify(none);
    return new route53.HealthCheck(this, 'AnyHealthy', {
      type: route53.HealthCheckType.CALCULATED,
      childHealthChecks: [check, this.checkOf('AlternateCheck', other, region)],
      healthThreshold: 1,
    });
  }

  private noHealthyTarget(id: string, { metrics }: elbv2.IApplicationTargetGroup, alarmDescription: string): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, id, {
      alarmDescription,
      metric: metrics.healthyHostCount({ period: Duration.minutes(1), statistic: cloudwatch.Stats.MAXIMUM }),
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 2,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
  }

  private checkOf(id: string, alarm: cloudwatch.Alarm, region: string): route53.HealthCheck {
    return new route53.HealthCheck(this, id, {
      type: route53.HealthCheckType.CLOUDWATCH_METRIC,
      alarmIdentifier: { name: alarm.alarmName, region },
      insufficientDataHealthStatus: route53.InsufficientDataHealthStatusEnum.LAST_KNOWN_STATUS,
    });
  }
}
