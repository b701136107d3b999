import { isObject, items } from '../../../assembly/values';
import { anyOf, isOn } from '../answers';
import { labelOf } from '../labels';
import type { Landscape, Thing } from '../landscape';
import { days, type Elsewhere, type Keeper, numberIn, regions } from './keeping';

/** Members of a global database, by the type of their link. */
const GLOBAL_TYPES: Record<string, string> = {
  'AWS::RDS::DBCluster': 'AWS::RDS::GlobalCluster',
  'AWS::DocDB::DBCluster': 'AWS::DocDB::GlobalCluster',
  'AWS::Neptune::DBCluster': 'AWS::Neptune::GlobalCluster',
};

/** Clusters that share a global database with one, in other Regions. */
export function siblingsOf(cluster: Thing, landscape: Landscape): Thing[] {
  const link = globalOf(cluster, landscape);
  if (!link) return [];
  return landscape
    .ofType(cluster.type)
    .filter((other) => other.stack.region !== cluster.stack.region && globalOf(other, landscape) === link);
}

export function globalOf(cluster: Thing, landscape: Landscape): Thing | undefined {
  const type = GLOBAL_TYPES[cluster.type];
  const joined = landscape.firstBehind(cluster.properties.GlobalClusterIdentifier, cluster.stack, type);
  return joined ?? landscape.referrers(cluster, type, 'SourceDBClusterIdentifier')[0];
}

const cluster: Keeper = (thing, landscape) => {
  const retention = numberIn(thing.properties.BackupRetentionPeriod, 1);
  const kept = retention === undefined ? 'a time that only a deploy knows' : days(retention);
  const others = siblingsOf(thing, landscape).map(({ stack }) => stack.region);
  // "Typical cross-Region replication latency below 1 second" (Aurora User Guide, Using Aurora Global Database); it is asynchronous.
  const elsewhere: Elsewhere | undefined =
    others.length > 0
      ? {
          where: `global database: copies in ${regions(others)}`,
          recoveryPoint: 'about a second, not promised (copied asynchronously)',
        }
      : undefined;
  return { backup: `to any second of the last ${kept}`, isBackedUp: true, ...(elsewhere ? { elsewhere } : {}) };
};

const instance: Keeper = (thing, landscape) => {
  const { BackupRetentionPeriod, AutomaticBackupReplicationRegion, SourceDBInstanceIdentifier } = thing.properties;
  // "The default is 1"; 0 turns backups off. A replica has none unless it says so (CloudFormation, AWS::RDS::DBInstance).
  const retention = numberIn(BackupRetentionPeriod, SourceDBInstanceIdentifier === undefined ? 1 : 0);
  const backup =
    retention === 0
      ? 'none'
      : `to any second of the last ${retention === undefined ? 'days, whose number only a deploy knows' : days(retention)}`;
  const replicas = landscape
    .referrers(thing, 'AWS::RDS::DBInstance', 'SourceDBInstanceIdentifier')
    .map(({ stack }) => stack.region)
    .filter((region) => region !== thing.stack.region);
  let elsewhere: Elsewhere | undefined;
  if (replicas.length > 0) {
    elsewhere = {
      where: `read replicas in ${regions(replicas)}`,
      recoveryPoint: 'seconds to minutes, not promised (copied asynchronously)',
    };
  } else if (AutomaticBackupReplicationRegion !== undefined) {
    const region = typeof AutomaticBackupReplicationRegion === 'string' ? AutomaticBackupReplicationRegion : 'another Region';
    elsewhere = {
      where: `copies of its backups in ${region}`,
      recoveryPoint: 'minutes, not promised (backups are copied as they are made)',
    };
  }
  return { backup, isBackedUp: retention !== 0, ...(elsewhere ? { elsewhere } : {}) };
};

const table: Keeper = (thing, landscape) => {
  const { PointInTimeRecoverySpecification, Replicas, MultiRegionConsistency } = thing.properties;
  const replicas = items(Replicas).filter(isObject);
  const specifications =
    thing.type === 'AWS::DynamoDB::GlobalTable'
      ? replicas.map((replica) => replica.PointInTimeRecoverySpecification)
      : [PointInTimeRecoverySpecification];
  const recovery = specifications.map((specification) =>
    isOn(isObject(specification) ? specification.PointInTimeRecoveryEnabled : undefined),
  );
  const reach = specifications.map((specification) =>
    numberIn(isObject(specification) ? specification.RecoveryPeriodInDays : undefined, 35),
  );
  const isEverywhere = recovery.length > 0 && recovery.every((one) => one === 'yes');
  const backup = isEverywhere
    ? `to any second of the last ${reach[0] === undefined ? 'days, whose number only a deploy knows' : days(reach[0])}`
    : anyOf(recovery) === 'no'
      ? 'none'
      : 'point in time, but not in every Region, or known only to a deploy';
  const older = landscape
    .ofType('Custom::DynamoDBReplica')
    .filter(({ properties, stack }) => landscape.behind(properties.TableName, stack).includes(thing));
  const others = [...replicas, ...older.map(({ properties }) => properties)]
    .map(({ Region }) => (typeof Region === 'string' ? Region : 'a Region that only a deploy knows'))
    .filter((region) => region !== thing.stack.region);
  if (others.length === 0) return { backup, isBackedUp: anyOf(recovery) !== 'no' };
  // "Usually within a second or less"; strong consistency has a recovery point of zero (DynamoDB Developer Guide, Global tables).
  const recoveryPoint =
    MultiRegionConsistency === 'STRONG' ? 'nothing (strong consistency)' : 'about a second, not promised (copied asynchronously)';
  return { backup, isBackedUp: anyOf(recovery) !== 'no', elsewhere: { where: `replicas in ${regions(others)}`, recoveryPoint } };
};

/** What links Regions holds nothing itself. */
const link: Keeper = (thing, landscape) => {
  const members = landscape
    .ofType('AWS::RDS::DBCluster', 'AWS::DocDB::DBCluster', 'AWS::Neptune::DBCluster')
    .filter((one) => globalOf(one, landscape) === thing);
  const where = `members in ${regions(members.map(({ stack }) => stack.region)) || 'no Region of this assembly'}`;
  return { backup: 'nothing to back up', elsewhere: { where, recoveryPoint: 'nothing of its own' } };
};

const elasticCluster: Keeper = ({ properties }) => {
  const retention = numberIn(properties.BackupRetentionPeriod, 1);
  return {
    backup: `daily snapshots, kept ${retention === undefined ? 'as only a deploy knows' : days(retention)}`,
    isBackedUp: retention !== 0,
  };
};

const keyspace: Keeper = ({ properties }) => {
  const isRecoverable = isOn(properties.PointInTimeRecoveryEnabled);
  return { backup: isRecoverable === 'yes' ? 'to any second of the last 35 days' : 'none', isBackedUp: isRecoverable !== 'no' };
};

const warehouse: Keeper = ({ properties }) => {
  const retention = numberIn(properties.AutomatedSnapshotRetentionPeriod, 1);
  const { DestinationRegion } = properties;
  return {
    backup: retention === 0 ? 'none' : `snapshots, kept ${retention === undefined ? 'as only a deploy knows' : days(retention)}`,
    isBackedUp: retention !== 0,
    ...(typeof DestinationRegion === 'string'
      ? {
          elsewhere: {
            where: `copies of its snapshots in ${DestinationRegion}`,
            recoveryPoint: 'everything since the last snapshot (hours)',
          },
        }
      : {}),
  };
};

const namespace: Keeper = (thing, landscape) => {
  const copies = items(thing.properties.SnapshotCopyConfigurations)
    .filter(isObject)
    .flatMap(({ DestinationRegion }) => (typeof DestinationRegion === 'string' ? [DestinationRegion] : []));
  const feeds = landscape
    .ofType('AWS::RDS::Integration')
    .filter(({ properties, stack }) => landscape.behind(properties.TargetArn, stack).includes(thing))
    .flatMap(({ properties, stack }) => landscape.behind(properties.SourceArn, stack));
  const source = feeds[0];
  // "About every 30 minutes, saved for 24 hours" (Redshift Management Guide, Snapshots and recovery points).
  const backup = 'recovery points of the last 24 hours';
  if (copies.length > 0) {
    const where = `copies of its snapshots in ${regions(copies)}`;
    return { backup, isBackedUp: true, elsewhere: { where, recoveryPoint: 'everything since the last snapshot' } };
  }
  if (!source) return { backup, isBackedUp: true };
  const where = `none of its own; what ${labelOf(source)} feeds it can be fed again to another`;
  return { backup, isBackedUp: true, elsewhere: { where, recoveryPoint: `what is not in ${labelOf(source)}` } };
};

export const DATABASE_KEEPERS: Record<string, Keeper> = {
  'AWS::RDS::DBCluster': cluster,
  'AWS::DocDB::DBCluster': cluster,
  'AWS::Neptune::DBCluster': cluster,
  'AWS::RDS::DBInstance': instance,
  'AWS::RDS::GlobalCluster': link,
  'AWS::DocDB::GlobalCluster': link,
  'AWS::Neptune::GlobalCluster': link,
  'AWS::DocDBElastic::Cluster': elasticCluster,
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::Cassandra::Table': keyspace,
  'AWS::Redshift::Cluster': warehouse,
  'AWS::RedshiftServerless::Namespace': namespace,
};
