import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { GoldenSignals } from './golden-signals';

const period = Duration.minutes(5);

/** Dimensions of what Service Connect measures, by who is called (Amazon ECS developer guide, CloudWatch metrics). */
const CALLED = 'ClusterName,DiscoveryName,ServiceName';
const ANSWERED = 'ClusterName,ServiceName,TargetDiscoveryName';

/** Whose calls are shown. */
export interface MeshSignalsProps {
  /** Name of the cluster in which the services of the mesh run. */
  readonly clusterName: string;
  /**
   * Name by which the service is called.
   * @default - a line for every service of the mesh
   */
  readonly discoveryName?: string;
}

/**
 * What services of a mesh ask of each other, as the proxies of ECS Service Connect measure it (namespace `AWS/ECS`), without what comes
 * from a load balancer, which passes the proxies by.
 *
 * Searches, so that a service that comes or goes shows up by itself: at most 500 lines a graph, at no cost. That the proxies tell times in
 * milliseconds is not verified against AWS.
 */
export function meshSignals({ clusterName, discoveryName }: MeshSignalsProps): GoldenSignals {
  const lines = (metricName: string, statistic: string, dimensions: string, named: string) => {
    const one = discoveryName === undefined ? '' : ` ${named}="${discoveryName}"`;
    const found = `{AWS/ECS,${dimensions}} MetricName="${metricName}" ClusterName="${clusterName}"${one}`;
    // A line for all tasks that answer to a name, or for each of those who ask it, says its name itself.
    const label = discoveryName === undefined ? `\${PROP('Dim.${named}')}` : '';
    return [new cloudwatch.SearchExpression({ expression: `SEARCH('${found}', '${statistic}', 300)`, label, period })];
  };
  return {
    tier: discoveryName === undefined ? 'Calls between services' : 'Calls of other services',
    latency: { metrics: lines('TargetResponseTime', 'Average', ANSWERED, 'TargetDiscoveryName'), unit: 'milliseconds' },
    traffic: { metrics: lines('RequestCount', 'Sum', CALLED, 'DiscoveryName'), unit: 'requests in 5 minutes' },
    errors: { metrics: lines('HTTPCode_Target_5XX_Count', 'Sum', ANSWERED, 'TargetDiscoveryName'), unit: 'in 5 minutes' },
    saturation: { metrics: lines('ActiveConnectionCount', 'Average', CALLED, 'DiscoveryName'), unit: 'open connections' },
  };
}
