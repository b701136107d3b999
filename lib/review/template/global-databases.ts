import type { Assembly } from '../../assembly/cloud-assembly';
import { behind, type FoundResource, resourcesOf } from './found-resource';
import { knownText } from './known-values';

export const CLUSTER = 'AWS::RDS::DBCluster';
export const INSTANCE = 'AWS::RDS::DBInstance';
export const GLOBAL_CLUSTER = 'AWS::RDS::GlobalCluster';

/** An Aurora global database: the link, the cluster that it was made from, and those that joined it. */
export interface GlobalDatabase {
  readonly link: FoundResource;
  /** The cluster it was made from. @default - it was made empty, or from a cluster outside of the assembly */
  readonly source?: FoundResource;
  readonly members: FoundResource[];
}

/** The global databases of an assembly. */
export function globalDatabases(assembly: Assembly): GlobalDatabase[] {
  return resourcesOf(assembly, [GLOBAL_CLUSTER]).map((link) => ({
    link,
    source: behind(link.properties.SourceDBClusterIdentifier, link, [CLUSTER])[0],
    members: resourcesOf(link.assembly, [CLUSTER]).filter((cluster) => joins(cluster, link)),
  }));
}

function joins(cluster: FoundResource, link: FoundResource): boolean {
  const id = cluster.properties.GlobalClusterIdentifier;
  if (behind(id, cluster, [GLOBAL_CLUSTER])[0] === link) return true;
  const name = knownText(id);
  return name !== undefined && name !== '' && name === knownText(link.properties.GlobalClusterIdentifier);
}

/** The instances of a cluster. */
export function instancesOf(cluster: FoundResource): FoundResource[] {
  return resourcesOf(cluster.assembly, [INSTANCE]).filter(
    (instance) => behind(instance.properties.DBClusterIdentifier, instance, [CLUSTER])[0] === cluster,
  );
}

/** Whether a cluster takes data, and with it settings, from somewhere else. */
export function isCopy({ properties }: FoundResource): boolean {
  const origins = ['GlobalClusterIdentifier', 'SnapshotIdentifier', 'SourceDBClusterIdentifier', 'ReplicationSourceIdentifier'];
  return origins.some((origin) => properties[origin] !== undefined);
}
