import type { AssemblyStack } from '../../../assembly/cloud-assembly';
import { isObject, items } from '../../../assembly/values';
import { labelOf } from '../labels';
import type { Landscape, Thing } from '../landscape';
import { readable } from '../readable';
import { CLOUDFRONT_ONLY, isCloudFrontList, isPrivateRange } from './addresses';
import { ANYONE } from './door';

/** What a rule of a security group lets in. */
export interface Opening {
  readonly protocol: string;
  /** First and last port; neither where every port is open or the protocol has none. */
  readonly from?: number;
  readonly to?: number;
  /** False where only a deploy knows them. */
  readonly arePortsKnown?: boolean;
  readonly source: string;
  /** Whether addresses of the internet are among the source. */
  readonly reach: 'public' | 'private' | 'unknown';
}

/**
 * What security groups let in, with the rules that stand as resources of their own.
 *
 * @param groups value of a property such as `SecurityGroupIds`
 */
export function openingsOf(groups: unknown, stack: AssemblyStack, landscape: Landscape): Opening[] {
  return items(groups).flatMap((group) => {
    const owners = landscape
      .behind(group, stack)
      // `Fn::GetAtt Vpc.DefaultSecurityGroup` leads to the VPC.
      .filter(({ type }) => type === 'AWS::EC2::SecurityGroup' || type === 'AWS::EC2::VPC');
    if (owners.length > 0) return owners.flatMap((owner) => openingsOfGroup(owner, landscape));
    const name = readable(group, stack, landscape);
    const source = `whoever security group ${name} lets in, which is not in this assembly`;
    return [{ protocol: '-1', source, reach: 'unknown' as const }];
  });
}

function openingsOfGroup(group: Thing, landscape: Landscape): Opening[] {
  const { SecurityGroupIngress } = group.properties;
  const inline = Array.isArray(SecurityGroupIngress) ? SecurityGroupIngress : SecurityGroupIngress ? [SecurityGroupIngress] : [];
  const rules = inline.map((rule): [unknown, AssemblyStack] => [rule, group.stack]);
  for (const rule of rulesApart(landscape).get(group) ?? []) rules.push([rule.properties, rule.stack]);
  return rules.flatMap(([rule, stack]) => {
    if (!isObject(rule)) return [];
    if (!('IpProtocol' in rule)) {
      return [{ protocol: '-1', source: 'whoever a rule lets in that only a deploy knows', reach: 'unknown' as const }];
    }
    return openingsOfRule(rule, stack, landscape);
  });
}

const apart = new WeakMap<Landscape, Map<Thing, Thing[]>>();

/** Rules that are resources of their own, by the group they belong to. */
function rulesApart(landscape: Landscape): Map<Thing, Thing[]> {
  let map = apart.get(landscape);
  if (!map) {
    map = new Map();
    for (const rule of landscape.ofType('AWS::EC2::SecurityGroupIngress')) {
      for (const group of landscape.behind(rule.properties.GroupId ?? rule.properties.GroupName, rule.stack)) {
        map.set(group, [...(map.get(group) ?? []), rule]);
      }
    }
    apart.set(landscape, map);
  }
  return map;
}

function openingsOfRule(rule: Record<string, unknown>, stack: AssemblyStack, landscape: Landscape): Opening[] {
  const protocol = protocolOf(rule.IpProtocol);
  const ports = portsOf(rule, protocol);
  return sourcesOf(rule, stack, landscape).map((source) => ({ protocol, ...ports, ...source }));
}

/** Protocol of a rule that only a deploy knows. */
const ANY_OF_A_DEPLOY = 'unknown';

function protocolOf(value: unknown): string {
  if (typeof value === 'object') return ANY_OF_A_DEPLOY;
  const name = String(value).toLowerCase();
  return { '6': 'tcp', '17': 'udp', '1': 'icmp', '58': 'icmpv6' }[name] ?? name;
}

function portsOf(
  { FromPort, ToPort }: Record<string, unknown>,
  protocol: string,
): Pick<Opening, 'from' | 'to' | 'arePortsKnown'> {
  if (typeof FromPort === 'object' || typeof ToPort === 'object') return { arePortsKnown: false };
  const [from, to] = [Number(FromPort), Number(ToPort)];
  if (!['tcp', 'udp'].includes(protocol) || !Number.isInteger(from) || !Number.isInteger(to) || from < 0) return {};
  return from === 0 && to === 65535 ? {} : { from, to };
}

type Source = Pick<Opening, 'source' | 'reach'>;

function sourcesOf(rule: Record<string, unknown>, stack: AssemblyStack, landscape: Landscape): Source[] {
  const sources: Source[] = [];
  for (const cidr of [rule.CidrIp, rule.CidrIpv6]) if (cidr !== undefined) sources.push(rangeSource(cidr, stack, landscape));
  if (rule.SourcePrefixListId !== undefined) sources.push(listSource(rule.SourcePrefixListId, stack, landscape));
  const group = rule.SourceSecurityGroupId ?? rule.SourceSecurityGroupName;
  if (group !== undefined) {
    const known = landscape.behind(group, stack)[0];
    const name = known ? labelOf(known) : readable(group, stack, landscape);
    sources.push({ source: `members of security group ${name}`, reach: 'private' });
  }
  return sources.length > 0 ? sources : [{ source: 'whoever a rule lets in that only a deploy knows', reach: 'unknown' }];
}

function rangeSource(cidr: unknown, stack: AssemblyStack, landscape: Landscape): Source {
  if (typeof cidr !== 'string') {
    const isOfVpc = landscape.behind(cidr, stack).some(({ type }) => type === 'AWS::EC2::VPC' || type === 'AWS::EC2::Subnet');
    if (isOfVpc) return { source: 'addresses of the VPC', reach: 'private' };
    return { source: `addresses ${readable(cidr, stack, landscape)}, which only a deploy knows`, reach: 'unknown' };
  }
  if (/^(0\.0\.0\.0|::|0:0:0:0:0:0:0:0)\/0$/.test(cidr)) return { source: ANYONE, reach: 'public' };
  return { source: `addresses ${cidr}`, reach: isPrivateRange(cidr) ? 'private' : 'public' };
}

function listSource(list: unknown, stack: AssemblyStack, landscape: Landscape): Source {
  if (typeof list === 'string') {
    return { source: isCloudFrontList(list) ? CLOUDFRONT_ONLY : `prefix list ${list}`, reach: 'public' };
  }
  for (const thing of landscape.behind(list, stack)) {
    // A custom resource that looks the list up by its name.
    if (JSON.stringify(thing.properties).includes('cloudfront.origin-facing'))
      return { source: CLOUDFRONT_ONLY, reach: 'public' };
    if (thing.type === 'AWS::EC2::PrefixList') return ownList(thing);
  }
  return { source: `prefix list ${readable(list, stack, landscape)}`, reach: 'unknown' };
}

function ownList(list: Thing): Source {
  const cidrs = items(list.properties.Entries).map((entry) => (isObject(entry) ? entry.Cidr : undefined));
  const known = cidrs.filter((cidr): cidr is string => typeof cidr === 'string');
  if (known.some((cidr) => /\/0$/.test(cidr))) return { source: ANYONE, reach: 'public' };
  const isPrivate = known.length === cidrs.length && known.length > 0 && known.every(isPrivateRange);
  const source = `prefix list ${labelOf(list)} (${known.length > 0 ? known.join(', ') : 'its entries are not in this assembly'})`;
  return { source, reach: isPrivate ? 'private' : known.length === cidrs.length && known.length > 0 ? 'public' : 'unknown' };
}

const EVERY_PROTOCOL = ['-1', 'all', ANY_OF_A_DEPLOY];

/** Whether an opening lets traffic through to a port, or may do so. */
export function admits(opening: Opening, protocol: string, port: number | undefined): boolean {
  if (!EVERY_PROTOCOL.includes(opening.protocol) && opening.protocol !== protocol) return false;
  if (opening.from === undefined || opening.to === undefined || port === undefined) return true;
  return opening.from <= port && port <= opening.to;
}

export function portsText({ protocol, from, to, arePortsKnown }: Opening): string {
  if (protocol === ANY_OF_A_DEPLOY) return 'traffic that only a deploy knows';
  if (protocol === '-1' || protocol === 'all') return 'all traffic';
  if (arePortsKnown === false) return `${protocol}, ports that only a deploy knows`;
  if (from === undefined) return protocol.startsWith('icmp') ? protocol : `${protocol}, all ports`;
  return from === to ? `${protocol} ${from}` : `${protocol} ${from}-${to}`;
}

/** Who may come to which ports, from outside; openings of the same sources are one entry. */
export function admissions(openings: Opening[]): { from: string; ports: string }[] {
  const sourcesByPorts = new Map<string, Set<string>>();
  for (const opening of openings.filter(({ reach }) => reach !== 'private')) {
    const ports = portsText(opening);
    sourcesByPorts.set(ports, (sourcesByPorts.get(ports) ?? new Set()).add(opening.source));
  }
  const portsBySources = new Map<string, string[]>();
  for (const [ports, sources] of sourcesByPorts) {
    const from = joined([...sources]);
    portsBySources.set(from, [...(portsBySources.get(from) ?? []), ports]);
  }
  return [...portsBySources].map(([from, ports]) => ({ from, ports: ports.join(', ') }));
}

/** Everybody, if everybody is among them. */
export function joined(sources: string[]): string {
  return sources.includes(ANYONE) ? ANYONE : [...new Set(sources)].join(', ');
}
