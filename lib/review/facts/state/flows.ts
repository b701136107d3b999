import { isObject, items } from '../../../assembly/values';
import { labelOf } from '../labels';
import type { Landscape, Thing } from '../landscape';
import { days, type Elsewhere, type Keeper, numberIn, regions } from './keeping';

/** Clusters that replicators copy one to, and those they copy from. */
export function streamNeighbours(cluster: Thing, landscape: Landscape): { to: Thing[]; from: Thing[] } {
  const to: Thing[] = [];
  const from: Thing[] = [];
  for (const { properties, stack } of landscape.ofType('AWS::MSK::Replicator')) {
    for (const info of items(properties.ReplicationInfoList).filter(isObject)) {
      const source = landscape.behind(info.SourceKafkaClusterArn, stack);
      const target = landscape.behind(info.TargetKafkaClusterArn, stack);
      if (source.includes(cluster)) to.push(...target);
      if (target.includes(cluster)) from.push(...source);
    }
  }
  return { to, from };
}

const stream: Keeper = (thing, landscape) => {
  const { to, from } = streamNeighbours(thing, landscape);
  const own = thing.stack.region;
  const out = to.map(({ stack }) => stack.region).filter((region) => region !== own);
  const backup = 'none; its brokers hold several copies';
  if (out.length > 0) {
    const where = `MSK Replicator copies its topics to ${regions(out)}`;
    return { backup, elsewhere: { where, recoveryPoint: 'seconds to minutes, not promised (copied asynchronously)' } };
  }
  const source = from.find(({ stack }) => stack.region !== own);
  if (!source) return { backup };
  const where = `topics that came from ${labelOf(source)} in ${source.stack.region} stay there; its own are lost`;
  return { backup, elsewhere: { where, recoveryPoint: 'everything that was written here directly' } };
};

const queue: Keeper = ({ properties: { MessageRetentionPeriod } }) => {
  // "Default: 345,600 seconds (4 days)" (CloudFormation, AWS::SQS::Queue).
  const seconds = numberIn(MessageRetentionPeriod, 345600);
  const kept =
    seconds === undefined ? 'as long as only a deploy knows' : seconds % 86400 === 0 ? days(seconds / 86400) : `${seconds} s`;
  return { backup: `none; a message waits at most ${kept}` };
};

const topic: Keeper = () => ({ backup: 'none; it holds no messages' });

const shards: Keeper = ({ properties: { RetentionPeriodHours } }) => {
  const hours = numberIn(RetentionPeriodHours, 24);
  return {
    backup: `none; the stream keeps records ${hours === undefined ? 'as long as only a deploy knows' : `${hours} hours`}`,
  };
};

const logs: Keeper = ({ properties: { RetentionInDays } }) => {
  if (RetentionInDays === undefined) return { backup: 'none; events are kept for ever' };
  const kept = numberIn(RetentionInDays, 0);
  return { backup: `none; events are kept ${kept === undefined ? 'as long as only a deploy knows' : days(kept)}` };
};

const cache: Keeper = (thing, landscape) => {
  const retention = numberIn(thing.properties.SnapshotRetentionLimit, 0);
  const others = cacheSiblings(thing, landscape).map(({ stack }) => stack.region);
  // "Typical latency of under one second" (ElastiCache User Guide, Replication across Regions using global datastores).
  const elsewhere: Elsewhere | undefined =
    others.length > 0
      ? {
          where: `global datastore: copies in ${regions(others)}`,
          recoveryPoint: 'about a second, not promised (copied asynchronously)',
        }
      : undefined;
  const isCopy = thing.properties.GlobalReplicationGroupId !== undefined;
  const backup =
    retention === undefined
      ? 'snapshots, kept as only a deploy knows'
      : retention > 0
        ? `daily snapshots, kept ${days(retention)}`
        : isCopy
          ? 'none of its own: it is a copy'
          : 'none';
  return { backup, isBackedUp: retention !== 0 || isCopy, ...(elsewhere ? { elsewhere } : {}) };
};

/** Replication groups that share a global datastore with one, in other Regions. */
export function cacheSiblings(group: Thing, landscape: Landscape): Thing[] {
  const store = globalStoreOf(group, landscape);
  if (!store) return [];
  return landscape
    .ofType(group.type)
    .filter((other) => other.stack.region !== group.stack.region && globalStoreOf(other, landscape) === store);
}

export function globalStoreOf(group: Thing, landscape: Landscape): Thing | undefined {
  const type = 'AWS::ElastiCache::GlobalReplicationGroup';
  const joined = landscape.firstBehind(group.properties.GlobalReplicationGroupId, group.stack, type);
  if (joined) return joined;
  return landscape
    .ofType(type)
    .find(({ properties, stack }) =>
      items(properties.Members).some(
        (member) => isObject(member) && landscape.behind(member.ReplicationGroupId, stack).includes(group),
      ),
    );
}

const store: Keeper = (thing, landscape) => {
  const members = landscape
    .ofType('AWS::ElastiCache::ReplicationGroup')
    .filter((group) => globalStoreOf(group, landscape) === thing);
  const where = `members in ${regions(members.map(({ stack }) => stack.region)) || 'no Region of this assembly'}`;
  return { backup: 'nothing to back up', elsewhere: { where, recoveryPoint: 'nothing of its own' } };
};

const search: Keeper = () => ({
  // "Hourly automated snapshots and retains up to 336 of them for 14 days" (OpenSearch Service Developer Guide, Creating index snapshots).
  backup: 'hourly snapshots of the last 14 days, by the service',
  isBackedUp: true,
});

export const FLOW_KEEPERS: Record<string, Keeper> = {
  'AWS::MSK::Cluster': stream,
  'AWS::MSK::ServerlessCluster': stream,
  'AWS::SQS::Queue': queue,
  'AWS::SNS::Topic': topic,
  'AWS::Kinesis::Stream': shards,
  'AWS::Logs::LogGroup': logs,
  'AWS::ElastiCache::ReplicationGroup': cache,
  'AWS::ElastiCache::CacheCluster': cache,
  'AWS::ElastiCache::ServerlessCache': cache,
  'AWS::MemoryDB::Cluster': cache,
  'AWS::ElastiCache::GlobalReplicationGroup': store,
  'AWS::OpenSearchService::Domain': search,
  'AWS::Elasticsearch::Domain': search,
};
