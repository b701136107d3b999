import { isObject, items, valueAt } from '../../assembly/values';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import type { RuleFinding, TemplateRule } from './rule';

const BUCKET = 'AWS::S3::Bucket';

/** Versioned buckets that delete what is current. */
export const bucketExpiresObjects: TemplateRule = {
  id: 'bucket-expires-objects',
  severity: 'note',
  sentence:
    'a bucket that keeps versions deletes no current objects by age: whoever versions a bucket wants to keep what is in it, and a lifecycle rule deletes it in silence',
  source: 'Amazon S3 User Guide, Expiring objects',
  types: [BUCKET],
  find: (assembly) => resourcesOf(assembly, [BUCKET]).filter(isVersioned).flatMap(findings),
};

function isVersioned({ properties }: FoundResource): boolean {
  return valueAt(properties, ['VersioningConfiguration', 'Status']) === 'Enabled';
}

function findings(bucket: FoundResource): RuleFinding[] {
  const rules = items(valueAt(bucket.properties, ['LifecycleConfiguration', 'Rules']));
  return rules.flatMap((rule, index) => {
    if (!isObject(rule) || rule.Status !== 'Enabled' || hasFilter(rule)) return [];
    const age = ['ExpirationInDays', 'ExpirationDate'].find((name) => rule[name] !== undefined);
    const details =
      typeof rule.ExpirationInDays === 'number' ? `everything is deleted after ${rule.ExpirationInDays} days` : undefined;
    return age === undefined ? [] : [at(bucket, `LifecycleConfiguration.Rules.${index}.${age}`, details)];
  });
}

/** A rule for part of a bucket is meant for that part. */
function hasFilter(rule: Record<string, unknown>): boolean {
  return ['Prefix', 'TagFilters', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan'].some(
    (name) => rule[name] !== undefined && rule[name] !== '',
  );
}
