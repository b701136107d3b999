import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { AlarmTopic } from '../operations/alarm-topic';
import { healthyTargets, unhealthyTargets } from '../operations/target-metrics';
import { failedShare, tooFewTasks } from './service-alarm-parts';

const MINUTE = { period: Duration.minutes(1) };
const FIVE_MINUTES = { period: Duration.minutes(5) };
const { GREATER_THAN_THRESHOLD, GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData;

/** A service and how many of its tasks there have to be. */
export interface WatchedService {
  readonly service: ecs.FargateService;
  /** Fewest tasks that scaling leaves running. */
  readonly minTasks: number;
}

/** Properties of ServiceAlarms. */
export interface ServiceAlarmsProps {
  readonly loadBalancer: elbv2.IApplicationLoadBalancer;
  /** Where the load balancer finds the tasks of the service: one target group, or two that take turns. */
  readonly targets: elbv2.IApplicationTargetGroup[];
  /** The service behind the load balancer, in a cluster with Container Insights. */
  readonly web: WatchedService;
  /** A service without a load balancer, in the same kind of cluster. @default - none */
  readonly worker?: WatchedService;
  readonly alarmTopic: AlarmTopic;
}

/**
 * Alarms on a load balancer and the services of a product, and one that says that the site is down: no task is healthy, or most
 * requests fail, or the load balancer finds nobody to answer them.
 *
 * What these do not see: a fault between the users and the load balancer. CloudFront's own numbers are in us-east-1 only.
 */
export class ServiceAlarms extends Construct {
  /** More than one request in twenty fails. */
  public readonly errors: cloudwatch.Alarm;
  /** One request in twenty takes more than a second. */
  public readonly slow: cloudwatch.Alarm;
  /** The site is down. */
  public readonly siteDown: cloudwatch.CompositeAlarm;
  /** Every alarm but `siteDown`. */
  public readonly alarms: cloudwatch.Alarm[] = [];
  private readonly topic: AlarmTopic;

  constructor(scope: Construct, id: string, props: ServiceAlarmsProps) {
    super(scope, id);
    this.topic = props.alarmTopic;
    const { metrics } = props.loadBalancer;
    this.errors = this.alarm('Errors', {
      alarmDescription: 'The service failed more than 5 % of the requests in ten of fifteen minutes: see the errors by route',
      metric: failedShare(metrics, 50, FIVE_MINUTES),
      threshold: 5,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: NOT_BREACHING,
    });
    this.slow = this.alarm('Slow', {
      alarmDescription: 'One request in twenty took longer than a second for a quarter of an hour: see the slowest requests',
      metric: metrics.targetResponseTime({ ...FIVE_MINUTES, statistic: cloudwatch.Stats.percentile(95) }),
      threshold: 1,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      // Of a handful of requests at night, one slow one is the 95th percentile.
      evaluateLowSampleCountPercentile: 'ignore',
      treatMissingData: NOT_BREACHING,
    });
    this.watchLoad(props);
    this.alarm('TooFewTasks', tooFewTasks(props.web));
    if (props.worker) this.alarm('TooFewWorkers', tooFewTasks(props.worker));
    this.siteDown = this.watchSite(props);
  }

  private watchLoad({ loadBalancer, targets, web }: ServiceAlarmsProps): void {
    const lasting = { comparisonOperator: GREATER_THAN_THRESHOLD, evaluationPeriods: 3, treatMissingData: NOT_BREACHING };
    this.alarm('UnhealthyTasks', {
      alarmDescription:
        'A task has failed its health checks for ten minutes and is not replaced: see its log, or the last deploy',
      metric: unhealthyTargets({ loadBalancer, groups: targets }),
      threshold: 0,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      // A task that scaling or a deploy has just started may fail a few.
      evaluationPeriods: 10,
      treatMissingData: NOT_BREACHING,
    });
    this.alarm('RejectedConnections', {
      alarmDescription: 'The load balancer refused connections, because it was at its own limit: ask AWS to raise it',
      metric: loadBalancer.metrics.rejectedConnectionCount({ ...FIVE_MINUTES, statistic: cloudwatch.Stats.SUM }),
      threshold: 0,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // Published only when it happens.
      treatMissingData: NOT_BREACHING,
    });
    this.alarm('Cpu', {
      alarmDescription:
        'The service used more than 85 % of its CPU for a quarter of an hour, though it scales: allow it more tasks',
      metric: web.service.metricCpuUtilization({ ...FIVE_MINUTES, statistic: cloudwatch.Stats.AVERAGE }),
      threshold: 85,
      ...lasting,
    });
    this.alarm('Memory', {
      alarmDescription: 'A task used more than 85 % of its memory for a quarter of an hour; at 100 % it is killed: give it more',
      metric: web.service.metricMemoryUtilization({ ...FIVE_MINUTES, statistic: cloudwatch.Stats.MAXIMUM }),
      threshold: 85,
      ...lasting,
    });
  }

  private watchSite({ loadBalancer, targets, alarmTopic }: ServiceAlarmsProps): cloudwatch.CompositeAlarm {
    const { metrics } = loadBalancer;
    const noTask = this.alarm('NoTask', {
      alarmDescription: 'No task of the service is healthy',
      metric: healthyTargets({ loadBalancer, groups: targets }),
      threshold: 1,
      comparisonOperator: LESS_THAN_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: BREACHING,
    });
    const mostFail = this.alarm('MostFail', {
      alarmDescription: 'The service failed at least half of the requests for three minutes',
      metric: failedShare(metrics, 10, MINUTE),
      threshold: 50,
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: NOT_BREACHING,
    });
    const nobodyAnswers = this.alarm('NobodyAnswers', {
      alarmDescription:
        'The load balancer had to answer at least half of the requests itself for three minutes, because no task did',
      metric: unansweredShare(metrics),
      threshold: 50,
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: NOT_BREACHING,
    });
    const down = new cloudwatch.CompositeAlarm(this, 'SiteDown', {
      alarmDescription: 'Down: the site does not answer its users',
      alarmRule: cloudwatch.AlarmRule.anyOf(
        ...[noTask, mostFail, nobodyAnswers].map((alarm) => cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM)),
      ),
    });
    // Left to CloudFormation: CDK's own name holds the path through the whole app, and a name is create-only.
    (down.node.defaultChild as cloudwatch.CfnCompositeAlarm).addPropertyDeletionOverride('AlarmName');
    alarmTopic.notify(down);
    return down;
  }

  private alarm(id: string, props: cloudwatch.AlarmProps): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, props);
    this.topic.notify(alarm);
    this.alarms.push(alarm);
    return alarm;
  }
}

/**
 * Percent of the requests that the load balancer answered with an error of its own; 0 while these are fewer than ten a minute.
 * Those for which it found no task at all are not among the requests (Elastic Load Balancing, CloudWatch metrics, RequestCount).
 */
function unansweredShare(metrics: elbv2.IApplicationLoadBalancerMetrics): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    expression: 'IF(unanswered >= 10, 100 * unanswered / MAX([unanswered, FILL(requests, 0)]), 0)',
    label: 'requests nobody answered, percent',
    usingMetrics: {
      unanswered: metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { statistic: cloudwatch.Stats.SUM }),
      requests: metrics.requestCount({ statistic: cloudwatch.Stats.SUM }),
    },
    ...MINUTE,
  });
}
