import type { Assembly } from '../../assembly/cloud-assembly';
import { resourcesBehind } from '../../assembly/references';
import type { Hold } from '../change';
import { changesReleasesOnly } from './canary-after-two-groups';
import { type Deploy, type DeployRule, finding, type Located, type ResourcePair, type Rule, stays } from './rule';

const ALONE: Rule = {
  id: 'resharding-alone',
  sentence: 'changing the number of shards or replicas must be the only change of its update, and is not rolled back on failure',
  source: 'CloudFormation UpdatePolicy attribute, UseOnlineResharding; coverage-roadmap#918',
};

const BEFORE_JOINING: Rule = {
  id: 'resharding-before-joining',
  sentence: 'a cache takes its new number of shards first and joins the global datastore afterwards',
  source: 'ElastiCache developer guide, Global datastores (members are scaled through the global datastore)',
};

const MEMBER: Rule = {
  id: 'member-of-global-datastore',
  sentence:
    'a member of a global datastore is changed through the AWS::ElastiCache::GlobalReplicationGroup, not by itself (not verified against AWS)',
  source: 'CloudFormation AWS::ElastiCache::GlobalReplicationGroup; ElastiCache developer guide, Global datastores',
};

const GROUP = 'AWS::ElastiCache::ReplicationGroup';
const GLOBAL = 'AWS::ElastiCache::GlobalReplicationGroup';
/** In the order in which they are deployed. */
const SIZES = ['ReplicasPerNodeGroup', 'NodeGroupConfiguration', 'NumNodeGroups'];

export const CACHE_RESHARDING: DeployRule[] = [
  { ...ALONE, find: (deploy) => byStack(deploy.resources).flatMap((resources) => resized(resources, deploy)) },
  {
    ...BEFORE_JOINING,
    find: (deploy) =>
      joining(deploy).map((pair) => ({
        resource: pair,
        finding: finding(BEFORE_JOINING, 'own-deploy', { holds: [hold(pair, [])] }),
      })),
  },
  {
    ...MEMBER,
    find: ({ resources, before, after }) =>
      resources
        .filter((pair) => pair.type === GROUP && stays(pair) && isMember(pair, before) && isMember(pair, after))
        .flatMap((pair) =>
          pair.changed
            .filter((property) =>
              ['CacheParameterGroupName', 'CacheNodeType', 'EngineVersion', 'NumNodeGroups'].includes(property),
            )
            .map((property) => ({ resource: pair, finding: finding(MEMBER, 'refused', { property }) })),
        ),
  },
];

function resized(resources: ResourcePair[], deploy: Deploy): Located[] {
  const resizes = resources
    .filter((pair) => pair.type === GROUP && stays(pair))
    .flatMap((pair) => SIZES.filter((property) => pair.changed.includes(property)).map((property) => ({ pair, property })));
  if (resizes.length === 0) return [];
  const waiting = waitingFor(joining(deploy), deploy.after);
  const company = resources.filter((pair) => {
    const rest = pair.type === GROUP ? pair.changed.filter((property) => !SIZES.includes(property)) : pair.changed;
    const moves = !pair.before || !pair.after || rest.length > 0;
    return moves && !waiting.has(pair.logicalId) && !changesReleasesOnly(pair) && pair.type !== 'AWS::CDK::Metadata';
  });
  // Everything else goes first; then the resizes, one after the other.
  const held = company.length > 0 ? resizes : resizes.slice(1);
  return held.map(({ pair, property }) => ({
    resource: pair,
    finding: finding(ALONE, 'own-deploy', {
      property,
      holds: [hold(pair, ['Properties', property], pair.before?.Properties?.[property])],
    }),
  }));
}

/** Global datastores that appear in the same deploy that reshards their first member. */
function joining({ resources, after }: Deploy): ResourcePair[] {
  return resources.filter(
    (pair) =>
      pair.type === GLOBAL &&
      !pair.before &&
      pair.stack.after &&
      resourcesBehind(pair.after?.Properties?.Members, pair.stack.after, after).some(({ stack, logicalId }) =>
        resources.some(
          (member) =>
            member.stack.after === stack &&
            member.logicalId === logicalId &&
            stays(member) &&
            SIZES.some((property) => member.changed.includes(property)),
        ),
      ),
  );
}

/** Logical ids of what waits when these resources wait: they, and what refers to them in their stack. */
function waitingFor(pairs: ResourcePair[], after: Assembly): Set<string> {
  const waiting = new Set(pairs.map(({ logicalId }) => logicalId));
  for (const { stack } of pairs) {
    for (let size = -1; size !== waiting.size; ) {
      size = waiting.size;
      for (const [logicalId, resource] of Object.entries(stack.after?.template.Resources ?? {})) {
        const sites = stack.after ? resourcesBehind(resource.Properties, stack.after, after) : [];
        const added = !stack.before?.template.Resources?.[logicalId];
        if (added && sites.some((site) => site.stack === stack.after && waiting.has(site.logicalId))) waiting.add(logicalId);
      }
    }
  }
  return waiting;
}

function isMember(pair: ResourcePair, assembly: Assembly): boolean {
  if ((pair.before?.Properties?.GlobalReplicationGroupId ?? pair.after?.Properties?.GlobalReplicationGroupId) !== undefined)
    return true;
  return assembly.stacks.some((stack) =>
    Object.values(stack.template.Resources ?? {}).some(
      ({ Type, Properties }) =>
        Type === GLOBAL &&
        resourcesBehind(Properties?.Members, stack, assembly).some(
          (site) =>
            site.stack.stackName === pair.stack.stackName &&
            site.stack.region === pair.stack.region &&
            site.logicalId === pair.logicalId,
        ),
    ),
  );
}

function byStack(resources: ResourcePair[]): ResourcePair[][] {
  const stacks = new Map<unknown, ResourcePair[]>();
  for (const pair of resources) {
    const members = stacks.get(pair.stack);
    if (members) members.push(pair);
    else stacks.set(pair.stack, [pair]);
  }
  return [...stacks.values()];
}

function hold(pair: ResourcePair, path: string[], value?: unknown): Hold {
  const { stackName, region } = pair.stack;
  return { stackName, region, logicalId: pair.logicalId, path, ...(value === undefined ? {} : { value }) };
}
