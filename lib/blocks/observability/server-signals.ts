import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { GoldenSignals, Signal } from './golden-signals';

/** What one server tells about itself. */
export interface ServerSignalsProps {
  /** Log group with the web server's access log in JSON, with the fields `status`, `request_time` (seconds) and `uri`. */
  readonly logGroupName: string;
  /** How full it is, in percent: CPU, memory, disk. */
  readonly saturation: cloudwatch.IMetric[];
}

/**
 * One server, seen by the access log of its web server: percentiles, requests and errors as metrics would cost 0.30 USD a month each,
 * and a look at the log of three hours reads some megabytes.
 */
export function serverSignals({ logGroupName, saturation }: ServerSignalsProps): GoldenSignals {
  return {
    tier: 'Server',
    latency: requests(
      logGroupName,
      'seconds',
      'stats pct(request_time, 50) as p50, pct(request_time, 95) as p95, pct(request_time, 99) as p99 by bin(5m)',
    ),
    traffic: requests(logGroupName, 'requests in 5 minutes', 'stats count(*) as requests by bin(5m)'),
    errors: requests(logGroupName, 'failed requests in 5 minutes', 'filter status >= 500\n| stats count(*) as failed by bin(5m)'),
    saturation: { metrics: saturation, limit: 80, unit: 'percent' },
  };
}

function requests(logGroupName: string, unit: string, stats: string): Signal {
  return { logQuery: `filter ispresent(request_time)\n| ${stats}`, logGroupNames: [logGroupName], unit };
}
