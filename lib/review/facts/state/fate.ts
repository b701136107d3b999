import { resourceModel } from '../../../assembly/service-spec';
import { isObject, items } from '../../../assembly/values';
import { type Answer, anyOf, isOn } from '../answers';
import type { Landscape, Thing } from '../landscape';

/** What becomes of a resource: in words, and whether its content survives. */
export interface Fate {
  readonly words: string;
  readonly survives: boolean;
}

const LAST_SNAPSHOT = 'deleted after a last snapshot';

/** When it leaves its template, or its stack is deleted (CloudFormation User Guide, DeletionPolicy attribute). */
export function fateOnDelete(thing: Thing, landscape: Landscape): Fate {
  switch (thing.resource.DeletionPolicy) {
    case 'Retain':
      if (isEmptied(thing, landscape)) return { words: 'kept, but all that is in it is deleted', survives: false };
      return { words: 'kept', survives: true };
    case 'RetainExceptOnCreate':
      if (isEmptied(thing, landscape)) return { words: 'kept, but all that is in it is deleted', survives: false };
      return { words: 'kept, except where the operation that first makes it fails', survives: true };
    case 'Snapshot':
      return { words: LAST_SNAPSHOT, survives: true };
    case 'Delete':
      return deleted(thing, landscape, '');
    case undefined:
      if (hasSnapshotByDefault(thing)) return { words: `${LAST_SNAPSHOT} (the default of its type)`, survives: true };
      return deleted(thing, landscape, ' (the default)');
    default:
      return { words: 'known only to a deploy', survives: false };
  }
}

/** "For AWS::RDS::DBCluster resources, the default policy is Snapshot", and for instances outside of a cluster. */
function hasSnapshotByDefault({ type, properties }: Thing): boolean {
  return type === 'AWS::RDS::DBCluster' || (type === 'AWS::RDS::DBInstance' && properties.DBClusterIdentifier === undefined);
}

function deleted(thing: Thing, landscape: Landscape, byDefault: string): Fate {
  const { type, properties } = thing;
  if (isEmptied(thing, landscape) || isOn(properties.EmptyOnDelete) === 'yes') {
    return { words: `deleted with all that is in it${byDefault}`, survives: false };
  }
  if (type === 'AWS::S3::Bucket' || type === 'AWS::ECR::Repository') {
    return { words: `deleted if it is empty; otherwise the deletion fails${byDefault}`, survives: false };
  }
  if (type === 'AWS::KMS::Key' || type === 'AWS::KMS::ReplicaKey') {
    const window = properties.PendingWindowInDays ?? 30;
    return { words: `deleted ${typeof window === 'object' ? 'some' : String(window)} days later${byDefault}`, survives: false };
  }
  return { words: `deleted${byDefault}`, survives: false };
}

/** The CDK's custom resource empties a bucket when it is deleted itself, whatever becomes of the bucket. */
function isEmptied(thing: Thing, landscape: Landscape): boolean {
  return landscape.referrers(thing, 'Custom::S3AutoDeleteObjects', 'BucketName').length > 0;
}

/** When an update puts another one in its place (CloudFormation User Guide, UpdateReplacePolicy attribute). */
export function fateOnReplace({ resource: { UpdateReplacePolicy } }: Thing): Fate {
  switch (UpdateReplacePolicy) {
    case 'Retain':
      return { words: 'the old one is kept, outside of the stack', survives: true };
    case 'Snapshot':
      return { words: 'the old one is deleted after a last snapshot', survives: true };
    case 'Delete':
      return { words: 'the old one is deleted', survives: false };
    case undefined:
      return { words: 'the old one is deleted (the default)', survives: false };
    default:
      return { words: 'known only to a deploy', survives: false };
  }
}

/** Deletion protection: `on`, `off`, or `none` where the type has no such thing. */
export function protectionOf(thing: Thing): string {
  const { type, properties } = thing;
  if (type === 'AWS::DynamoDB::GlobalTable') {
    const replicas = items(properties.Replicas).filter(isObject);
    const without = replicas.filter(({ DeletionProtectionEnabled }) => isOn(DeletionProtectionEnabled) !== 'yes');
    if (replicas.length === 0) return UNKNOWN;
    return without.length === 0
      ? 'on'
      : without.length === replicas.length
        ? 'off'
        : `off in ${without.map(regionOf).join(', ')}`;
  }
  if (type === 'AWS::Backup::BackupVault') return properties.LockConfiguration === undefined ? 'off' : 'on (vault lock)';
  if (type === 'AWS::S3::Bucket') return isOn(properties.ObjectLockEnabled) === 'yes' ? 'on (object lock)' : 'none';
  const switches = Object.keys(resourceModel(type)?.properties ?? {}).filter((name) =>
    /^(Enable)?DeletionProtection(Enabled)?$/.test(name),
  );
  if (switches.length === 0) return 'none';
  const words: Record<Answer, string> = { yes: 'on', no: 'off', unknown: UNKNOWN };
  return words[anyOf(switches.map((name) => isOn(asSwitch(properties[name]))))];
}

const UNKNOWN = 'known only to a deploy';

function regionOf({ Region }: Record<string, unknown>): string {
  return typeof Region === 'string' ? Region : 'a Region that only a deploy knows';
}

/** User pools say `ACTIVE`. */
function asSwitch(value: unknown): unknown {
  return value === 'ACTIVE' || value === 'ENABLED' ? true : value;
}
