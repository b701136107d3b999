import type { Duration } from 'aws-cdk-lib';
import type { IndexPolicy } from './index-policy';

/** What a search domain shall be like, as it was collected. */
export interface UpkeepParts {
  readonly policies: IndexPolicy[];
  /** Templates of the newer kind, without the settings that all have. */
  readonly templates: { [name: string]: object };
  readonly roles: { [name: string]: object };
  /** ARNs of the IAM roles that have a role in the domain. */
  readonly members: { [role: string]: string[] };
  readonly settings: { [name: string]: string };
}

/** What the function makes of the domain, which is the event that it gets. */
export function upkeepPlan(parts: UpkeepParts & { readonly zones: number }): object {
  const own = { 'index.number_of_replicas': String(parts.zones - 1), ...parts.settings };
  const templates: { [name: string]: { template: { settings: object } } & object } = {};
  for (const { name, pattern } of parts.policies.filter(({ dataStreams }) => dataStreams)) {
    const template = { settings: { 'index.number_of_shards': '1' } };
    templates[`product-${name}`] = {
      index_patterns: [pattern],
      priority: 200,
      data_stream: {},
      template,
    } as (typeof templates)[string];
  }
  Object.assign(templates, parts.templates);
  for (const [name, { template, ...rest }] of Object.entries(templates)) {
    templates[name] = { ...rest, template: { ...template, settings: { ...own, ...template.settings } } };
  }
  return {
    defaults: { 'product-defaults': { index_patterns: ['*'], order: -1, settings: { 'index.number_of_shards': '1', ...own } } },
    templates,
    policies: Object.fromEntries(parts.policies.map((policy) => [policy.name, policy.render()])),
    attach: Object.fromEntries(parts.policies.map(({ name, pattern }) => [name, pattern])),
    roles: parts.roles,
    members: parts.members,
    settings: parts.settings,
  };
}

/** OpenSearch documentation, shard slow logs; without thresholds nothing is written. */
export function slowLogs(slowAfter: Duration): { [name: string]: string } {
  const milliseconds = slowAfter.toMilliseconds();
  if (milliseconds < 1) throw new Error(`slowAfter must be at least one millisecond, got: ${milliseconds}`);
  return {
    'index.search.slowlog.threshold.query.warn': `${milliseconds}ms`,
    'index.search.slowlog.threshold.fetch.warn': `${milliseconds}ms`,
    'index.indexing.slowlog.threshold.index.warn': `${milliseconds}ms`,
  };
}
