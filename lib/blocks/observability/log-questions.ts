import type { SavedQuery } from './saved-queries';

/** Where the services of a product write. */
export interface ServiceQueriesProps {
  /** Log groups of the services that answer requests. */
  readonly webLogGroupNames: string[];
  /** Log groups of the workers. */
  readonly workerLogGroupNames: string[];
}

/**
 * What to ask containers that write one JSON object a line: `level`, `request_id`, `route`, `status`, `duration_ms`, `job`, `message`
 * (docs/observability.md). Lines of another kind are passed over.
 */
export function serviceQueries({ webLogGroupNames, workerLogGroupNames }: ServiceQueriesProps): SavedQuery[] {
  return [
    {
      id: 'ErrorsByRoute',
      title: 'errors by route',
      lines: [
        'filter status >= 500',
        'stats count(*) as errors, min(@timestamp) as first, max(@timestamp) as last by route, status',
        'sort errors desc',
        'limit 50',
      ],
      logGroupNames: webLogGroupNames,
    },
    {
      id: 'SlowestRequests',
      title: 'slowest requests',
      lines: [
        'filter ispresent(duration_ms)',
        'fields @timestamp, route, status, duration_ms, request_id',
        'sort duration_ms desc',
        'limit 50',
      ],
      logGroupNames: webLogGroupNames,
    },
    {
      id: 'LatencyByRoute',
      title: 'latency by route',
      lines: [
        'filter ispresent(duration_ms)',
        'stats count(*) as requests, pct(duration_ms, 50) as p50, pct(duration_ms, 95) as p95, pct(duration_ms, 99) as p99 by route',
        'sort p95 desc',
        'limit 50',
      ],
      logGroupNames: webLogGroupNames,
    },
    oneRequest([...webLogGroupNames, ...workerLogGroupNames]),
    workerFailures(workerLogGroupNames),
  ];
}

/**
 * What to ask one server, on which everything writes to one log group: nginx in JSON with `uri`, `status` and `request_time`, the
 * containers as everywhere.
 */
export function serverQueries(logGroupName: string): SavedQuery[] {
  const logGroupNames = [logGroupName];
  return [
    {
      id: 'ErrorsByRoute',
      title: 'errors by route',
      lines: [
        'filter ispresent(request_time) and status >= 500',
        'stats count(*) as errors, min(@timestamp) as first, max(@timestamp) as last by uri, status',
        'sort errors desc',
        'limit 50',
      ],
      logGroupNames,
    },
    {
      id: 'SlowestRequests',
      title: 'slowest requests',
      lines: [
        'filter ispresent(request_time)',
        'fields @timestamp, method, uri, status, request_time, upstream_time',
        'sort request_time desc',
        'limit 50',
      ],
      logGroupNames,
    },
    oneRequest(logGroupNames),
    workerFailures(logGroupNames, '/worker'),
  ];
}

function oneRequest(logGroupNames: string[]): SavedQuery {
  return {
    id: 'OneRequest',
    title: 'everything about one request',
    lines: [
      'fields @timestamp, @log, level, route, job, status, duration_ms, message',
      "filter request_id = 'WRITE THE ID HERE'",
      'sort @timestamp asc',
      'limit 1000',
    ],
    logGroupNames,
  };
}

/** In the streams whose name has a text in it, where one log group holds more than the workers' lines. */
function workerFailures(logGroupNames: string[], stream?: string): SavedQuery {
  return {
    id: 'WorkerFailures',
    title: 'failures of the workers',
    lines: [
      ...(stream === undefined ? [] : [`filter @logStream like '${stream}'`]),
      "filter level = 'error' or @message like /(?i)(unhandled|traceback|panic|fatal)/",
      'fields @timestamp, job, request_id, message, @message',
      'sort @timestamp desc',
      'limit 100',
    ],
    logGroupNames,
  };
}

/** What to ask a PostgreSQL that logs slow statements (`log_min_duration_statement`): `duration: 1234.567 ms  statement: ...`. */
export function slowStatementsQuery(logGroupName: string): SavedQuery {
  return {
    id: 'SlowStatements',
    title: 'slow statements of the database',
    lines: [
      'filter @message like /duration: [0-9.]+ ms/',
      'parse @message /duration: (?<milliseconds>[0-9.]+) ms +(?<statement>.+)/',
      'fields @timestamp, milliseconds, statement, @logStream',
      'sort milliseconds desc',
      'limit 50',
    ],
    logGroupNames: [logGroupName],
  };
}
