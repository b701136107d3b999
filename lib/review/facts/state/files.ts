import { isObject, items } from '../../../assembly/values';
import { anyOf, isOn } from '../answers';
import { labelOf } from '../labels';
import type { Landscape, Thing } from '../landscape';
import { days, type Elsewhere, type Keeper, numberIn, regions } from './keeping';

/** Buckets that rules of replication copy to, with the promise of each. */
export function bucketCopies(bucket: Thing, landscape: Landscape): { target?: Thing; isTimed: boolean; name: unknown }[] {
  const { ReplicationConfiguration } = bucket.properties;
  if (!isObject(ReplicationConfiguration)) return [];
  return items(ReplicationConfiguration.Rules)
    .filter(isObject)
    .filter(({ Status }) => Status !== 'Disabled')
    .flatMap(({ Destination }) => {
      if (!isObject(Destination)) return [];
      const { Bucket, ReplicationTime } = Destination;
      const target =
        landscape.firstBehind(Bucket, bucket.stack, 'AWS::S3::Bucket') ??
        landscape.named(Bucket, 'AWS::S3::Bucket', 'BucketName', bucket.stack);
      const isTimed = isObject(ReplicationTime) && ReplicationTime.Status === 'Enabled';
      return [{ ...(target ? { target } : {}), isTimed, name: Bucket }];
    });
}

const bucket: Keeper = (thing, landscape) => {
  const { VersioningConfiguration, LifecycleConfiguration } = thing.properties;
  const versioned = isObject(VersioningConfiguration) && VersioningConfiguration.Status === 'Enabled';
  const rules = isObject(LifecycleConfiguration) ? items(LifecycleConfiguration.Rules).filter(isObject) : [];
  const ends = rules.flatMap(({ NoncurrentVersionExpiration, NoncurrentVersionExpirationInDays }) => {
    const end = isObject(NoncurrentVersionExpiration)
      ? NoncurrentVersionExpiration.NoncurrentDays
      : NoncurrentVersionExpirationInDays;
    return end === undefined ? [] : [Number(end)];
  });
  const expires = rules.map(({ ExpirationInDays }) => ExpirationInDays).find((end) => end !== undefined);
  const kept = ends.length > 0 ? `kept ${days(Math.min(...ends))}` : 'kept for ever';
  const end = expires === undefined ? '' : `; objects are deleted after ${days(Number(expires))}`;
  const backup = `${versioned ? `earlier versions, ${kept}` : 'none: no versions'}${end}`;
  const elsewhere = copiesElsewhere(thing, landscape);
  // What is made to go away, such as logs, needs no copy.
  const isBackedUp = versioned ? { isBackedUp: true } : expires === undefined ? { isBackedUp: false } : {};
  return { backup, ...isBackedUp, ...(elsewhere ? { elsewhere } : {}) };
};

function copiesElsewhere(thing: Thing, landscape: Landscape): Elsewhere | undefined {
  const own = thing.stack.region;
  const copies = bucketCopies(thing, landscape).filter(({ target }) => target?.stack.region !== own);
  // "15 minutes" is promised with S3 Replication Time Control only (S3 User Guide, Meeting compliance requirements with S3 RTC).
  const point = (isTimed: boolean) =>
    isTimed ? '15 minutes (S3 Replication Time Control)' : 'minutes as a rule, not promised (copied asynchronously)';
  if (copies.length > 0) {
    const names = copies.map(({ target }) => target?.stack.region ?? 'a bucket outside of this assembly');
    return { where: `copies in ${regions(names)}`, recoveryPoint: point(copies.every(({ isTimed }) => isTimed)) };
  }
  for (const source of landscape.ofType('AWS::S3::Bucket')) {
    if (source.stack.region === own) continue;
    const copy = bucketCopies(source, landscape).find(({ target }) => target === thing);
    if (copy)
      return {
        where: `it is a copy of ${labelOf(source)} in ${source.stack.region}`,
        recoveryPoint: 'what was written here directly; its source stays',
      };
  }
  return undefined;
}

const volume: Keeper = () => ({ backup: 'none', isBackedUp: false });

const fileSystem: Keeper = (thing, landscape) => {
  const { BackupPolicy, ReplicationConfiguration } = thing.properties;
  const automatic = isObject(BackupPolicy) && BackupPolicy.Status === 'ENABLED';
  const targets = isObject(ReplicationConfiguration) ? items(ReplicationConfiguration.Destinations).filter(isObject) : [];
  const places = targets.map(({ Region, FileSystemId }) => {
    const target = landscape.firstBehind(FileSystemId, thing.stack, 'AWS::EFS::FileSystem');
    return target?.stack.region ?? (typeof Region === 'string' ? Region : 'a Region that only a deploy knows');
  });
  const others = places.filter((region) => region !== thing.stack.region);
  return {
    // "Automatic backups ... daily, retained for 35 days" (EFS User Guide, Using AWS Backup).
    backup: automatic ? 'daily, kept 35 days' : 'none',
    isBackedUp: automatic,
    ...(others.length > 0
      ? // "Recovery point objective of 15 minutes for most file systems" (EFS User Guide, Replicating EFS file systems).
        {
          elsewhere: {
            where: `a replica in ${regions(others)}`,
            recoveryPoint: '15 minutes for most file systems, not promised',
          },
        }
      : {}),
  };
};

const windowsFiles: Keeper = ({ properties }) => {
  const settings = ['WindowsConfiguration', 'LustreConfiguration', 'OntapConfiguration', 'OpenZFSConfiguration']
    .map((name) => properties[name])
    .find(isObject);
  const retention = settings?.AutomaticBackupRetentionDays;
  if (retention === undefined) return { backup: 'by the default of its kind', isBackedUp: true };
  const known = numberIn(retention, 0);
  return {
    backup: known === 0 ? 'none' : `daily, kept ${known === undefined ? 'as only a deploy knows' : days(known)}`,
    isBackedUp: known !== 0,
  };
};

const images: Keeper = (thing, landscape) => {
  const others = landscape
    .ofType('AWS::ECR::ReplicationConfiguration')
    .filter(({ stack }) => stack.region === thing.stack.region)
    .flatMap(({ properties: { ReplicationConfiguration } }) =>
      isObject(ReplicationConfiguration) ? items(ReplicationConfiguration.Rules) : [],
    )
    .flatMap((rule) => (isObject(rule) ? items(rule.Destinations) : []))
    .flatMap((destination) => (isObject(destination) && typeof destination.Region === 'string' ? [destination.Region] : []));
  const backup = 'none; images can be built again';
  if (others.length === 0) return { backup };
  return {
    backup,
    elsewhere: {
      where: `copies in ${regions(others)}`,
      recoveryPoint: 'minutes as a rule, not promised (copied asynchronously)',
    },
  };
};

const vault: Keeper = ({ properties }) => {
  const locked = anyOf([isOn(properties.LockConfiguration !== undefined)]) === 'yes';
  return { backup: locked ? 'it is one; nobody can delete what is in it before its time' : 'it is one' };
};

export const FILE_KEEPERS: Record<string, Keeper> = {
  'AWS::S3::Bucket': bucket,
  'AWS::EC2::Volume': volume,
  'AWS::EFS::FileSystem': fileSystem,
  'AWS::FSx::FileSystem': windowsFiles,
  'AWS::ECR::Repository': images,
  'AWS::Backup::BackupVault': vault,
};
