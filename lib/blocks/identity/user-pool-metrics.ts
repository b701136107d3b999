import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { UserDirectory } from './user-directory';

/** A metric of the people who come through the directory's own client. */
export function userPoolMetric(
  { userPool, client }: UserDirectory,
  metricName: string,
  props?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Cognito',
    metricName,
    dimensionsMap: { UserPool: userPool.userPoolId, UserPoolClient: client.userPoolClientId },
    statistic: cloudwatch.Stats.SUM,
    ...props,
  });
}

/** A metric of threat protection, at its highest level (Amazon Cognito developer guide, threat protection metrics; not verified against AWS). */
export function riskMetric({ userPool }: UserDirectory, metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Cognito',
    metricName,
    dimensionsMap: { Operation: 'SignIn', UserPoolId: userPool.userPoolId, RiskLevel: 'high' },
    statistic: cloudwatch.Stats.SUM,
    ...props,
  });
}
