import type { Assembly } from '../../assembly/cloud-assembly';
import { resourcesBehind } from '../../assembly/references';
import { isObject, items, sameValue } from '../../assembly/values';
import { type DeployedResource, deployedResources } from './deployed-resources';
import { deployments } from './deployments';

/** A Route 53 record, on its own or in a group. */
export interface DnsRecord extends DeployedResource {
  /** What the paths of its properties begin with: empty, or `RecordSets.0.`. */
  readonly at: string;
  /** For people: its name, or what stands for it. */
  readonly name: string;
  /** `A`, `CNAME` ... */
  readonly recordType: string;
  /** Its routing policies, of which Route 53 takes one; none for a simple record. */
  readonly policies: string[];
}

/** Types that hold records. */
export const RECORD_TYPES = ['AWS::Route53::RecordSet', 'AWS::Route53::RecordSetGroup'];

/** Property that makes a routing policy, and what it is called. */
const POLICIES: Record<string, string> = {
  Weight: 'weighted',
  Region: 'latency',
  Failover: 'failover',
  GeoLocation: 'geolocation',
  GeoProximityLocation: 'geoproximity',
  MultiValueAnswer: 'multivalue answer',
  CidrRoutingConfig: 'IP-based',
};

/** All records of an assembly. */
export function dnsRecords(assembly: Assembly): DnsRecord[] {
  return deployedResources(assembly, ...RECORD_TYPES).flatMap((resource) => {
    if (resource.type === 'AWS::Route53::RecordSet') return [dnsRecord(resource, '', resource.properties)];
    const { RecordSets, HostedZoneId, HostedZoneName } = resource.properties;
    return items(RecordSets).flatMap((properties, index) =>
      isObject(properties) ? [dnsRecord(resource, `RecordSets.${index}.`, { HostedZoneId, HostedZoneName, ...properties })] : [],
    );
  });
}

/** Records of one name in one zone, of any type, as they would stand beside one another. */
export function recordsByName(assembly: Assembly): DnsRecord[][] {
  return deployments(assembly).flatMap((deployment) =>
    grouped(dnsRecords(deployment), (record) => `${zoneKey(record, deployment)} ${nameKey(record)}`),
  );
}

/** Records of one name and type in one zone. */
export function recordsByNameAndType(assembly: Assembly): DnsRecord[][] {
  return recordsByName(assembly).flatMap((records) => grouped(records, ({ recordType }) => recordType));
}

function grouped(records: DnsRecord[], key: (record: DnsRecord) => string): DnsRecord[][] {
  const groups = new Map<string, DnsRecord[]>();
  for (const record of records) groups.set(key(record), [...(groups.get(key(record)) ?? []), record]);
  return [...groups.values()];
}

function dnsRecord(resource: DeployedResource, at: string, properties: Record<string, unknown>): DnsRecord {
  const { Name, Type } = properties;
  const policies = Object.entries(POLICIES)
    .filter(([property]) => properties[property] !== undefined && !sameValue(properties[property], false))
    .map(([, policy]) => policy);
  const name = typeof Name === 'string' ? Name.toLowerCase().replace(/\.$/, '') : 'of a name that only a deploy knows';
  return { ...resource, properties, at, name, recordType: typeof Type === 'string' ? Type : JSON.stringify(Type), policies };
}

/** A name that is not known is the same where its text and its stack are. */
function nameKey({ name, properties, stack }: DnsRecord): string {
  return typeof properties.Name === 'string' ? name : `${stack.artifactId} ${JSON.stringify(properties.Name)}`;
}

function zoneKey({ properties, stack }: DnsRecord, assembly: Assembly): string {
  const { HostedZoneId, HostedZoneName } = properties;
  if (HostedZoneId === undefined) return String(HostedZoneName).toLowerCase().replace(/\.$/, '');
  if (typeof HostedZoneId === 'string') return HostedZoneId;
  const [zone] = resourcesBehind(HostedZoneId, stack, assembly);
  return zone ? `${zone.stack.artifactId} ${zone.logicalId}` : `${stack.artifactId} ${JSON.stringify(HostedZoneId)}`;
}
