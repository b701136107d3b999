import { isObject, items, valueAt } from '../../assembly/values';
import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { isUnknown } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const BUCKET = 'AWS::S3::Bucket';

/** Replication between buckets that keep no versions. */
export const bucketReplicationVersioning: TemplateRule = {
  id: 'bucket-replication-versioning',
  severity: 'error',
  sentence:
    'a bucket that is replicated, and the one that it is replicated to, have versioning enabled: S3 refuses the replication otherwise',
  source: 'AWS::S3::Bucket ReplicationConfiguration; Amazon S3 User Guide, Requirements and considerations for replication',
  types: [BUCKET],
  find: (assembly) => resourcesOf(assembly, [BUCKET]).flatMap(findings),
};

function findings(bucket: FoundResource): RuleFinding[] {
  const { ReplicationConfiguration } = bucket.properties;
  if (ReplicationConfiguration === undefined) return [];
  const targets = items(valueAt(ReplicationConfiguration, ['Rules']))
    .filter(isObject)
    .flatMap((rule) => behind(valueAt(rule.Destination, ['Bucket']), bucket, [BUCKET]));
  return [
    ...(hasNone(bucket) ? [at(bucket, 'VersioningConfiguration', 'it is replicated, and keeps no versions')] : []),
    ...[...new Set(targets)]
      .filter(hasNone)
      .map((target) =>
        at(target, 'VersioningConfiguration', `${bucket.logicalId} is replicated to it, and it keeps no versions`),
      ),
  ];
}

function hasNone({ properties }: FoundResource): boolean {
  const status = valueAt(properties, ['VersioningConfiguration', 'Status']);
  return !isUnknown(properties.VersioningConfiguration) && !isUnknown(status) && status !== 'Enabled';
}
