import { isObject, items, sameValue } from '../../assembly/values';
import type { Hold } from '../change';
import { type DeployRule, finding, type Located, type ResourcePair, type Rule, stays } from './rule';
import { byName } from './update-refused';

const ONE_REPLICA: Rule = {
  id: 'one-replica-per-update',
  sentence: 'a global table adds or removes one replica per update',
  source: 'CloudFormation AWS::DynamoDB::GlobalTable, Replicas',
};

const ONE_INDEX: Rule = {
  id: 'one-index-per-update',
  sentence: 'a table adds or removes one global secondary index per update, and no replica in the same one',
  source: 'CloudFormation AWS::DynamoDB::GlobalTable and AWS::DynamoDB::Table, GlobalSecondaryIndexes',
};

/** DynamoDB tables grow in single steps. Indexes go first: a new replica may name them in its own settings. */
export const ONE_TABLE_CHANGE: DeployRule[] = [
  {
    ...ONE_REPLICA,
    find: ({ resources }) =>
      resources
        .filter((pair) => pair.type === 'AWS::DynamoDB::GlobalTable' && stays(pair))
        .flatMap((pair) => replicaFindings(pair, resources)),
  },
  {
    ...ONE_INDEX,
    find: ({ resources }) =>
      resources
        .filter((pair) => ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'].includes(pair.type) && stays(pair))
        .flatMap(indexFindings),
  },
];

function replicaFindings(pair: ResourcePair, resources: ResourcePair[]): Located[] {
  const old = replicas(pair, pair.before?.Properties?.Replicas);
  const fresh = replicas(pair, pair.after?.Properties?.Replicas);
  const added = [...fresh.keys()].filter((region) => !old.has(region));
  const removed = [...old.keys()].filter((region) => !fresh.has(region));
  const indexes = indexChanges(pair);
  // Tables with strong consistency are built and taken down three regions at a time.
  const strong = pair.after?.Properties?.MultiRegionConsistency === 'STRONG';
  const allowed = strong && (added.length === 0 || removed.length === 0) ? 3 : 1;
  const changes = added.length + removed.length;
  if (changes === 0 || (changes <= allowed && indexes.added.length + indexes.removed.length === 0)) return [];

  const first = indexes.added.length + indexes.removed.length > 0 ? [] : added.slice(0, 1);
  const gone = first.length === 0 && indexes.added.length + indexes.removed.length === 0 ? removed.slice(0, 1) : [];
  const value = [...old.keys()].filter((region) => !gone.includes(region)).map((region) => fresh.get(region) ?? old.get(region));
  return [
    {
      resource: pair,
      finding: finding(ONE_REPLICA, 'own-deploy', {
        property: 'Replicas',
        reason: `${ONE_REPLICA.sentence}, this one ${told(added, removed)}`,
        holds: [
          hold(pair, 'Replicas', [...value, ...first.map((region) => fresh.get(region))]),
          ...newRecords(
            resources,
            added.filter((region) => !first.includes(region)),
          ),
        ],
      }),
    },
  ];
}

/** The records that would send users to a region before its replica is there. */
function newRecords(resources: ResourcePair[], regions: string[]): Hold[] {
  return resources
    .filter(({ type, before, stack }) => type === 'AWS::Route53::RecordSet' && !before && regions.includes(stack.region))
    .map(({ stack: { stackName, region }, logicalId }) => ({ stackName, region, logicalId, path: [] }));
}

/** Replicas by region; the stack's own region may be written as a reference. */
function replicas(pair: ResourcePair, list: unknown): Map<string, unknown> {
  return new Map(
    items(list)
      .filter(isObject)
      .map((replica) => [
        sameValue(replica.Region, { Ref: 'AWS::Region' })
          ? pair.stack.region
          : typeof replica.Region === 'string'
            ? replica.Region
            : JSON.stringify(replica.Region),
        replica,
      ]),
  );
}

function indexFindings(pair: ResourcePair): Located[] {
  const { old, fresh, added, removed } = indexChanges(pair);
  if (added.length + removed.length <= 1) return [];
  const first = added.slice(0, 1);
  const gone = first.length === 0 ? removed.slice(0, 1) : [];
  const kept = [...old.keys()].filter((name) => !gone.includes(name)).map((name) => fresh.get(name) ?? old.get(name)!);
  const indexes = [...kept, ...first.map((name) => fresh.get(name)!)];
  return [
    {
      resource: pair,
      finding: finding(ONE_INDEX, 'own-deploy', {
        property: 'GlobalSecondaryIndexes',
        reason: `${ONE_INDEX.sentence}, this one ${told(added, removed)}`,
        holds: [
          hold(pair, 'GlobalSecondaryIndexes', indexes.length > 0 ? indexes : undefined),
          hold(pair, 'AttributeDefinitions', attributesFor(pair, indexes)),
        ],
      }),
    },
  ];
}

function indexChanges(pair: ResourcePair) {
  const old = byName(pair.before?.Properties?.GlobalSecondaryIndexes, 'IndexName');
  const fresh = byName(pair.after?.Properties?.GlobalSecondaryIndexes, 'IndexName');
  return {
    old,
    fresh,
    added: [...fresh.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !fresh.has(name)),
  };
}

/** DynamoDB refuses a definition of an attribute that no key uses. */
function attributesFor(pair: ResourcePair, indexes: Record<string, unknown>[]): unknown[] {
  const properties = pair.after?.Properties ?? {};
  const keys = [properties, ...items(properties.LocalSecondaryIndexes).filter(isObject), ...indexes].flatMap(({ KeySchema }) =>
    items(KeySchema)
      .filter(isObject)
      .map(({ AttributeName }) => String(AttributeName)),
  );
  const known = new Map([
    ...byName(pair.before?.Properties?.AttributeDefinitions, 'AttributeName'),
    ...byName(properties.AttributeDefinitions, 'AttributeName'),
  ]);
  return [...known].filter(([name]) => keys.includes(name)).map(([, definition]) => definition);
}

function told(added: string[], removed: string[]): string {
  const parts = [added.length > 0 ? `adds ${added.join(', ')}` : '', removed.length > 0 ? `removes ${removed.join(', ')}` : ''];
  return parts.filter(Boolean).join(' and ');
}

function hold(pair: ResourcePair, property: string, value: unknown): Hold {
  const { stackName, region } = pair.stack;
  return { stackName, region, logicalId: pair.logicalId, path: ['Properties', property], value };
}
