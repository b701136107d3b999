import { Duration } from 'aws-cdk-lib';
import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { IServerVolume } from './server-volume';

/** Namespace of what the server reports about itself. */
export const METRIC_NAMESPACE = 'ScaleTiers';

/** Properties of ServerAlarms. */
export interface ServerAlarmsProps {
  /** The group of one machine. */
  readonly autoScalingGroup: autoscaling.IAutoScalingGroup;
  /** The volume, whose id names the server in its own metrics: it outlives every machine. */
  readonly volume: IServerVolume;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Alarms on one server: machine, site, disk.
 *
 * Uptime is what the machine says after asking for its own public address, and silence counts as down: Route 53 health checks
 * would look from outside, but their metrics exist in us-east-1 only, so that no stack elsewhere can alarm on them (Route 53
 * developer guide, "Monitoring health checks"). What this cannot see: a fault between the visitor and the Region.
 *
 * Two metrics, three alarms and 8,640 reports a month cost 0.99 USD at list price in us-east-1, and nothing within the ten
 * metrics, ten alarms and million requests of CloudWatch's free tier.
 */
export class ServerAlarms extends Construct {
  /** The machine or its host fails (the group then replaces it). */
  public readonly status: cloudwatch.Alarm;
  /** The site does not answer, or the server says nothing: within ten minutes. */
  public readonly uptime: cloudwatch.Alarm;
  /** The data volume is filling up: PostgreSQL stops when it is full. */
  public readonly disk: cloudwatch.Alarm;
  private readonly props: ServerAlarmsProps;

  constructor(scope: Construct, id: string, props: ServerAlarmsProps) {
    super(scope, id);
    this.props = props;
    this.status = this.alarm('Status', {
      alarmDescription: 'The server or its host fails the EC2 status checks; a new one takes its place',
      metric: new cloudwatch.Metric({
        namespace: 'AWS/EC2',
        metricName: 'StatusCheckFailed',
        dimensionsMap: { AutoScalingGroupName: props.autoScalingGroup.autoScalingGroupName },
        period: Duration.minutes(1),
        statistic: cloudwatch.Stats.MAXIMUM,
      }),
      threshold: 1,
      evaluationPeriods: 2,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // No machine, no data: that is the uptime alarm's case.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.uptime = this.alarm('Uptime', {
      alarmDescription: 'The site did not answer the server itself for most of ten minutes, or the server is silent',
      metric: this.metricUp(),
      threshold: 0.5,
      evaluationPeriods: 2,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    this.disk = this.alarm('Disk', {
      alarmDescription: 'The data volume is more than 80 % full: raise its size, it grows in place',
      metric: this.metricDataVolumeUsed(),
      threshold: 80,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    });
  }

  /** Share of the minutes in which the health check path answered: 0 to 1, averaged. */
  public metricUp(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Up', { statistic: cloudwatch.Stats.AVERAGE, ...props });
  }

  /** How full the data volume is, in percent: the maximum. */
  public metricDataVolumeUsed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('DataVolumeUsed', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  private metric(metricName: string, props: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { Volume: this.props.volume.volumeId },
      period: Duration.minutes(5),
      ...props,
    });
  }

  private alarm(id: string, props: cloudwatch.AlarmProps): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, props);
    if (this.props.alarmTopic) {
      const action = new actions.SnsAction(this.props.alarmTopic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    return alarm;
  }
}
