import { Duration } from 'aws-cdk-lib';
import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { tellTopic } from '../operations/told-alarm';
import { ServerMetrics } from './server-metrics';
import type { IServerVolume } from './server-volume';

const { ABOVE, BELOW, AT_LEAST } = {
  ABOVE: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
  BELOW: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
  AT_LEAST: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
};

/** Properties of ServerAlarms. */
export interface ServerAlarmsProps {
  /** The group of one machine. */
  readonly autoScalingGroup: autoscaling.IAutoScalingGroup;
  /** The volume, whose id names the server in its own metrics: it outlives every machine. */
  readonly volume: IServerVolume;
  /** Whether the server makes nightly dumps. */
  readonly dumps: boolean;
  /** Whether the server has a certificate. */
  readonly certificate: boolean;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Alarms on one server: machine, site, disks, memory, processor, both kinds of backup, certificate.
 *
 * Uptime is what the machine says after asking for its own public address, and silence counts as down: Route 53 health checks
 * would look from outside, but their metrics exist in us-east-1 only, so that no stack elsewhere can alarm on them (Route 53
 * developer guide, "Monitoring health checks"). What this cannot see: a fault between the visitor and the Region.
 *
 * Eight alarms at most and seven metrics of its own, 8,640 reports a month: within the ten alarms, ten metrics and million requests of
 * CloudWatch's free tier.
 */
export class ServerAlarms extends Construct {
  /** The machine or its host fails (the group then replaces it). */
  public readonly status: cloudwatch.Alarm;
  /** The site does not answer, within ten minutes; or the server says nothing, which rings later (docs/server.md). */
  public readonly uptime: cloudwatch.Alarm;
  /** A disk is filling up: PostgreSQL stops when it is full. */
  public readonly disk: cloudwatch.Alarm;
  /** The memory is nearly used up: the kernel then ends a process. */
  public readonly memory: cloudwatch.Alarm;
  /** The processors are busy for a quarter of an hour: credits run out. */
  public readonly cpu: cloudwatch.Alarm;
  /** No good dump since yesterday night; where the server makes dumps. */
  public readonly backup?: cloudwatch.Alarm;
  /** No backup of the volume for two days; where this library makes them. */
  public readonly volumeBackup?: cloudwatch.Alarm;
  /** The certificate was not renewed; where there is a domain. */
  public readonly certificate?: cloudwatch.Alarm;
  private readonly alarmTopic?: sns.ITopic;

  constructor(scope: Construct, id: string, props: ServerAlarmsProps) {
    super(scope, id);
    this.alarmTopic = props.alarmTopic;
    const metrics = new ServerMetrics(props.volume.volumeId);
    const ofMachine = (metricName: string, period: Duration, statistic: string) =>
      new cloudwatch.Metric({
        namespace: 'AWS/EC2',
        metricName,
        dimensionsMap: { AutoScalingGroupName: props.autoScalingGroup.autoScalingGroupName },
        period,
        statistic,
      });
    const { BREACHING, NOT_BREACHING, IGNORE } = cloudwatch.TreatMissingData;

    this.status = this.alarm('Status', {
      alarmDescription: 'The server or its host fails the EC2 status checks; a new one takes its place',
      metric: ofMachine('StatusCheckFailed', Duration.minutes(1), cloudwatch.Stats.MAXIMUM),
      threshold: 1,
      evaluationPeriods: 2,
      comparisonOperator: AT_LEAST,
      // No machine, no data: that is the uptime alarm's case.
      treatMissingData: NOT_BREACHING,
    });
    this.uptime = this.alarm('Uptime', {
      alarmDescription: 'The site did not answer the server itself for most of ten minutes, or the server is silent',
      metric: metrics.up(),
      threshold: 0.5,
      evaluationPeriods: 2,
      comparisonOperator: BELOW,
      treatMissingData: BREACHING,
    });
    this.disk = this.alarm('Disk', {
      alarmDescription:
        "The data volume or the system's disk is more than 80 % full: raise the volume's size, it grows in place, or see what fills " +
        'the disk (docker system df, /var/log)',
      metric: metrics.dataVolumeUsed(),
      threshold: 80,
      evaluationPeriods: 1,
      comparisonOperator: ABOVE,
      treatMissingData: IGNORE,
    });
    this.memory = this.alarm('Memory', {
      alarmDescription: 'More than 90 % of the memory is used for a quarter of an hour: take a larger size or the next stage',
      metric: metrics.memoryUsed(),
      threshold: 90,
      evaluationPeriods: 3,
      comparisonOperator: ABOVE,
      treatMissingData: IGNORE,
    });
    this.cpu = this.alarm('Cpu', {
      alarmDescription: 'The processors are busy at more than 80 % for a quarter of an hour, which uses up the credits of a T4g',
      metric: ofMachine('CPUUtilization', Duration.minutes(5), cloudwatch.Stats.AVERAGE),
      threshold: 80,
      evaluationPeriods: 3,
      comparisonOperator: ABOVE,
      treatMissingData: NOT_BREACHING,
    });
    if (props.dumps) {
      this.backup = this.alarm('Backup', {
        alarmDescription: 'No good nightly dump for more than 26 hours: see /var/log/server/server.log, then run: server dump',
        metric: metrics.backupAge({ period: Duration.hours(1) }),
        threshold: 26,
        evaluationPeriods: 1,
        comparisonOperator: ABOVE,
        treatMissingData: BREACHING,
      });
    }
    if (props.volume.backupVaultName !== undefined) {
      this.volumeBackup = this.alarm('VolumeBackup', {
        alarmDescription: 'AWS Backup finished no backup of the data volume for two days: see the jobs of its vault',
        // Two days, because a day that begins after one job and ends before the next would be an alarm about nothing. A metric of AWS Backup, without charge (AWS Backup developer guide, metrics with CloudWatch).
        metric: new cloudwatch.Metric({
          namespace: 'AWS/Backup',
          metricName: 'NumberOfBackupJobsCompleted',
          dimensionsMap: { BackupVaultName: props.volume.backupVaultName },
          period: Duration.days(1),
          statistic: cloudwatch.Stats.SUM,
        }),
        threshold: 1,
        evaluationPeriods: 2,
        comparisonOperator: BELOW,
        treatMissingData: BREACHING,
      });
    }
    if (props.certificate) {
      this.certificate = this.alarm('Certificate', {
        alarmDescription:
          'The certificate ends in less than 21 days, or there is none yet; certbot renews it 30 days before the end',
        metric: metrics.certificateDays({ period: Duration.hours(1) }),
        threshold: 21,
        evaluationPeriods: 2,
        comparisonOperator: BELOW,
        treatMissingData: IGNORE,
      });
    }
  }

  private alarm(id: string, props: cloudwatch.AlarmProps): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, props);
    tellTopic(alarm, this.alarmTopic);
    return alarm;
  }
}
