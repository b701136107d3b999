/** A question to the access logs, ready to be asked. */
export interface LogQuestion {
  /** Last part of the construct's id. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** In Athena's dialect; change the span of time before it is asked. */
  readonly query: string;
}

/** Addresses of visitors stand in one answer only, and what they asked for without its query string. */
export const CONTENT_DELIVERY_QUESTIONS: LogQuestion[] = [
  {
    id: 'ErrorsByPath',
    name: 'Errors by path',
    description: 'Which paths were answered with errors most often in a day',
    query: `
SELECT cs_uri_stem AS path, sc_status AS status, count(*) AS requests
FROM content_delivery
WHERE "date" >= current_date - INTERVAL '1' DAY AND sc_status >= 400
GROUP BY cs_uri_stem, sc_status
ORDER BY requests DESC
LIMIT 50`,
  },
  {
    id: 'CacheHitsByPath',
    name: 'Cache hits by path',
    description: 'How many percent of the requests of a day the edge answered by itself, for the paths asked for most',
    query: `
SELECT cs_uri_stem AS path, count(*) AS requests,
  round(100.0 * count_if(x_edge_result_type IN ('Hit', 'RefreshHit', 'OriginShieldHit')) / count(*), 1) AS hit_percent,
  sum(sc_bytes) AS bytes
FROM content_delivery
WHERE "date" >= current_date - INTERVAL '1' DAY AND cs_method IN ('GET', 'HEAD')
GROUP BY cs_uri_stem
ORDER BY requests DESC
LIMIT 50`,
  },
  {
    id: 'TopClients',
    name: 'Top clients',
    description: 'Which addresses asked most in a day, and how often they were refused or asked for what is not there',
    query: `
SELECT c_ip AS address, count(*) AS requests, count_if(sc_status BETWEEN 400 AND 499) AS refused_or_missing,
  sum(sc_bytes) AS bytes, max_by(cs_user_agent, "time") AS last_user_agent
FROM content_delivery
WHERE "date" >= current_date - INTERVAL '1' DAY
GROUP BY c_ip
ORDER BY requests DESC
LIMIT 50`,
  },
  {
    id: 'LatencyByPlace',
    name: 'Latency by place',
    description:
      'How long users near each edge location, named after an airport, waited for the application in a week, and how many they are',
    query: `
SELECT substr(x_edge_location, 1, 3) AS airport, count(*) AS requests,
  round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent_of_requests,
  approx_percentile(time_to_first_byte, 0.5) AS median_seconds, approx_percentile(time_to_first_byte, 0.95) AS p95_seconds
FROM content_delivery
WHERE "date" >= current_date - INTERVAL '7' DAY AND x_edge_result_type = 'Miss'
GROUP BY 1
ORDER BY requests DESC
LIMIT 100`,
  },
];

/** The same of every load balancer, which see what CloudFront did not answer by itself. */
export const LOAD_BALANCER_QUESTIONS: LogQuestion[] = [
  {
    id: 'SlowestRequests',
    name: 'Slowest requests',
    description: 'Which requests of a day the application took longest for',
    query: `
SELECT "time", request_verb AS method, url_extract_path(request_url) AS path, elb_status_code AS status,
  target_processing_time AS seconds, trace_id
FROM load_balancer
WHERE day >= date_format(current_date - INTERVAL '1' DAY, '%Y/%m/%d') AND target_processing_time >= 0
ORDER BY target_processing_time DESC
LIMIT 50`,
  },
  {
    id: 'ServerErrorsByMinute',
    name: 'Server errors by minute',
    description: 'When in a day requests were answered with 5xx, and whether the application or the load balancer said so',
    query: `
SELECT date_trunc('minute', from_iso8601_timestamp("time")) AS minute, elb_status_code AS status,
  count_if(target_status_code <> '-') AS by_application, count_if(target_status_code = '-') AS by_load_balancer
FROM load_balancer
WHERE day >= date_format(current_date - INTERVAL '1' DAY, '%Y/%m/%d') AND elb_status_code >= 500
GROUP BY 1, 2
ORDER BY 1`,
  },
  {
    id: 'PastTheDistribution',
    name: 'Past the distribution',
    description: 'Who tried in a week to reach the load balancer past the distribution, and was refused',
    query: `
SELECT regexp_extract(client, '^(.*):', 1) AS address, count(*) AS requests, max("time") AS last
FROM load_balancer
WHERE day >= date_format(current_date - INTERVAL '7' DAY, '%Y/%m/%d')
  AND elb_status_code = 403 AND actions_executed LIKE '%fixed-response%'
GROUP BY 1
ORDER BY requests DESC
LIMIT 50`,
  },
];
