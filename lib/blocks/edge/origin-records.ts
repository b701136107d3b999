import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import type { AlarmTopic } from '../operations/alarm-topic';
import type { GeographicArea } from './geographic-area';
import type { ProductDomain } from './product-domain';

/** Properties of the records of one Region. */
export interface OriginRecordsProps {
  readonly domain: ProductDomain;
  /** Load balancer of this Region. */
  readonly loadBalancer: elbv2.IApplicationLoadBalancer;
  /**
   * Target groups whose health decides whether the Region gets traffic.
   * @default - the load balancer's own view of its targets
   */
  readonly healthOf?: elbv2.ApplicationTargetGroup;
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

  constructor(scope: Construct, id: string, props: OriginRecordsProps) {
    super(scope, id);
    const region = Stack.of(this).region;
    this.healthCheck = props.healthOf && this.watch(props.healthOf, region, props.alarms);
    // The load balancer counts as sick when any of its target groups is; with a health check of its own the core service decides
    // (Route 53 API, AliasTarget EvaluateTargetHealth).
    const loadBalancer = new targets.LoadBalancerTarget(props.loadBalancer, { evaluateTargetHealth: !props.healthOf });
    const record = {
      zone: props.domain.hostedZone,
      target: route53.RecordTarget.fromAlias(loadBalancer),
      healthCheck: this.healthCheck,
    };
    new route53.ARecord(this, 'Latency', {
      ...record,
      recordName: `${latencyOriginHost(props.domain)}.`,
      region,
      setIdentifier: region,
    });
    const area = (key: string, geoLocation: route53.GeoLocation) => {
      new route53.ARecord(this, `Area-${key}`, {
        ...record,
        recordName: `${areaOriginHost(props.domain)}.`,
        geoLocation,
        setIdentifier: `${region}-${key}`,
      });
    };
    for (const { key, location } of props.serves ?? []) area(key, location);
    if (props.servesTheRest) area('rest', route53.GeoLocation.default());
  }

  /**
   * Health by alarm: Route 53's own probes cannot reach a load balancer that admits CloudFront only.
   */
  private watch(targetGroup: elbv2.ApplicationTargetGroup, region: string, alarms?: AlarmTopic): route53.HealthCheck {
    const alarm = new cloudwatch.Alarm(this, 'NoHealthyTarget', {
      alarmDescription: 'No task of the site is healthy in this Region: Route 53 sends its users elsewhere',
      metric: targetGroup.metrics.healthyHostCount({ period: Duration.minutes(1), statistic: cloudwatch.Stats.MAXIMUM }),
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 2,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    alarms?.notify(alarm);
    return new route53.HealthCheck(this, 'HealthCheck', {
      type: route53.HealthCheckType.CLOUDWATCH_METRIC,
      alarmIdentifier: { name: alarm.alarmName, region },
      insufficientDataHealthStatus: route53.InsufficientDataHealthStatusEnum.LAST_KNOWN_STATUS,
    });
  }
}
