import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmTopic } from '../operations/alarm-topic';
import type { UserDirectory } from './user-directory';

/** Properties of SignInAlarms. */
export interface SignInAlarmsProps {
  readonly users: UserDirectory;
  readonly alarmTopic: AlarmTopic;
  /**
   * Whether leaked passwords are counted, which needs threat protection.
   * @default false
   */
  readonly threats?: boolean;
}

/** Tells people that others cannot sign in, or do so with what is not theirs. */
export class SignInAlarms extends Construct {
  /** Sign-ins are refused because the account is at its quota. */
  public readonly throttled: cloudwatch.Alarm;
  /** Somebody tries leaked passwords; only with threats. */
  public readonly compromised?: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { users, alarmTopic, threats = false }: SignInAlarmsProps) {
    super(scope, id);
    const alarm = (name: string, metric: cloudwatch.Metric, threshold: number, alarmDescription: string) => {
      const made = metric.createAlarm(this, name, {
        alarmDescription,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
      alarmTopic.notify(made);
      return made;
    };
    this.throttled = alarm(
      'Throttled',
      users.metricSignInThrottles({ period: Duration.minutes(5) }),
      1,
      'People could not sign in because the account is at its quota: ask for a higher one of user authentication (Service Quotas)',
    );
    if (!threats) return;
    this.compromised = alarm(
      'Compromised',
      users.metricCompromisedCredentials({ period: Duration.minutes(15) }),
      10,
      'Ten sign-ins in a quarter of an hour used a password that is known to have leaked: look for one source of them',
    );
  }
}
