import type { Assembly } from '../../../assembly/cloud-assembly';
import { isObject } from '../../../assembly/values';
import { type Answer, alternatives, isOn, said } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { denialsOf, statementsAt, strangersOf } from '../open-statements';
import { type Door, maybe } from './door';
import { joined } from './openings';

/** Access control lists that let in people without a name. */
const OPEN_LISTS: Record<string, string> = {
  PublicRead: 'anyone',
  PublicReadWrite: 'anyone',
  AuthenticatedRead: 'anyone with an AWS account',
};

/** Buckets that a policy or an access control list opens to strangers. */
export function bucketDoors(assembly: Assembly, landscape: Landscape): Door[] {
  return landscape.ofType('AWS::S3::Bucket').flatMap((bucket) => {
    const kind = bucket.properties.WebsiteConfiguration === undefined ? 'bucket' : 'bucket as a website';
    const ways = [...byPolicy(bucket, assembly, landscape), ...byList(bucket)];
    return ways.flatMap(({ from, blocked, what, guards }) => {
      if (blocked === 'yes') return [];
      const ports = kind === 'bucket' ? 'tcp 443, tcp 80' : 'tcp 80, tcp 443';
      const door = { kind, ports: `${ports}: ${what}`, path: [bucket] };
      if (blocked === 'no') return [{ ...door, from, guards }];
      const block = 'Block Public Access, which is on unless the template or the account says otherwise';
      return [{ ...door, from: maybe(from, 'Block Public Access is lifted'), guards: [...guards, block] }];
    });
  });
}

interface OpenWay {
  readonly from: string;
  readonly blocked: Answer;
  readonly what: string;
  readonly guards: string[];
}

function byPolicy(bucket: Thing, assembly: Assembly, landscape: Landscape): OpenWay[] {
  const policies = landscape
    .ofType('AWS::S3::BucketPolicy')
    .filter(
      ({ properties, stack }) =>
        landscape.behind(properties.Bucket, stack).includes(bucket) ||
        landscape.named(properties.Bucket, 'AWS::S3::Bucket', 'BucketName', stack) === bucket,
    );
  return policies.flatMap((policy) => {
    const statements = statementsAt(assembly, policy);
    const open = statements.filter((statement) => strangersOf(statement) !== undefined);
    if (open.length === 0) return [];
    const actions = [...new Set(open.flatMap((statement) => statement.actions.map(said)))];
    const from = joined(open.map((statement) => strangersOf(statement)!));
    return [
      { from, blocked: isBlocked(bucket, 'RestrictPublicBuckets'), what: actions.join(', '), guards: denialsOf(statements) },
    ];
  });
}

function byList(bucket: Thing): OpenWay[] {
  const { AccessControl } = bucket.properties;
  const lists = alternatives(AccessControl).filter((list) => list !== undefined);
  const known = lists.flatMap((list) =>
    typeof list === 'string' ? (OPEN_LISTS[list] ?? []) : [maybe('anyone', 'a deploy chooses a public list')],
  );
  if (known.length === 0) return [];
  const from = lists.length > 1 ? maybe(joined(known), 'its condition holds') : known[0];
  return [
    { from, blocked: isBlocked(bucket, 'IgnorePublicAcls'), what: `access control list ${said(AccessControl)}`, guards: [] },
  ];
}

/**
 * Without a word in the template a new bucket blocks public access, since April 2023 (S3 User Guide, Blocking public access);
 * with some words in it, what is not said is off.
 */
function isBlocked(bucket: Thing, setting: string): Answer {
  const { PublicAccessBlockConfiguration } = bucket.properties;
  return isObject(PublicAccessBlockConfiguration) ? isOn(PublicAccessBlockConfiguration[setting]) : 'unknown';
}
