import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import { isObject, items } from '../../assembly/values';
import { cidr } from './cidr';
import { type DeployedResource, deployedResources } from './deployed-resources';
import { makersOf } from './regional-things';

/** Who may come in, and to which ports, by one rule of a security group. */
export interface IngressRule extends DeployedResource {
  /** Path of the rule below `Properties`; empty where the resource is the rule. */
  readonly at: string;
  readonly rule: Record<string, unknown>;
}

const PREFIX_LIST = 'AWS::EC2::PrefixList';

/** Types that let traffic in. */
export const INGRESS_TYPES = ['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress'];

/** Every rule of every security group by which somebody comes in; one by a prefix list of the assembly for each of its entries. */
export function ingressRules(assembly: Assembly): IngressRule[] {
  return deployedResources(assembly, ...INGRESS_TYPES).flatMap((resource) => {
    if (resource.type === 'AWS::EC2::SecurityGroupIngress') {
      return withEntries(resource.properties, resource.stack, assembly).map((rule) => ({ ...resource, at: '', rule }));
    }
    return items(resource.properties.SecurityGroupIngress).flatMap((rule, index) =>
      isObject(rule)
        ? withEntries(rule, resource.stack, assembly).map((one) => ({
            ...resource,
            at: `SecurityGroupIngress.${index}.`,
            rule: one,
          }))
        : [],
    );
  });
}

/** A list of prefixes lets in whoever is in one of them. */
function withEntries(rule: Record<string, unknown>, stack: AssemblyStack, assembly: Assembly): Record<string, unknown>[] {
  if (!isObject(rule.SourcePrefixListId)) return [rule];
  const lists = makersOf(rule.SourcePrefixListId, stack, assembly, PREFIX_LIST);
  const entries = deployedResources(assembly, PREFIX_LIST)
    .filter((list) => lists.some((site) => site.stack === list.stack && site.logicalId === list.logicalId))
    .flatMap(({ properties }) => items(properties.Entries))
    .filter(isObject);
  if (entries.length === 0) return [rule];
  return entries.map(({ Cidr }) => ({ ...rule, [String(Cidr).includes(':') ? 'CidrIpv6' : 'CidrIp']: Cidr }));
}

/**
 * The property by which a rule lets in anyone, undefined if it does not. `0.0.0.0/1` is half of the world: no network of
 * one owner is larger than a /8, or a /16 of IPv6.
 */
export function worldProperty({ CidrIp, CidrIpv6 }: Record<string, unknown>): 'CidrIp' | 'CidrIpv6' | undefined {
  const network = cidr(CidrIp);
  if (network && network.prefix < 8) return 'CidrIp';
  const prefix = typeof CidrIpv6 === 'string' ? /^[0-9a-f:]+\/(\d+)$/i.exec(CidrIpv6)?.[1] : undefined;
  return prefix !== undefined && Number(prefix) < 16 ? 'CidrIpv6' : undefined;
}

/** The property under which the template has it: the entries of a prefix list stand with the list. */
export function writtenAs({ SourcePrefixListId }: Record<string, unknown>, property: string): string {
  return SourcePrefixListId === undefined ? property : 'SourcePrefixListId';
}

/** Ports of a rule; `icmp` for what has none, `unknown` for what only a deploy knows. */
export function portsOf({ IpProtocol, FromPort, ToPort }: Record<string, unknown>): Ports | 'icmp' | 'unknown' {
  if (typeof IpProtocol === 'object') return 'unknown';
  const protocol = PROTOCOLS[String(IpProtocol)] ?? String(IpProtocol).toLowerCase();
  if (protocol.startsWith('icmp')) return 'icmp';
  // EC2 opens all ports for every protocol but TCP and UDP, whatever the range.
  if (!['tcp', 'udp'].includes(protocol)) return { protocol: 'any protocol', from: 0, to: 65535 };
  const [from, to] = [FromPort ?? 0, ToPort ?? FromPort ?? 65535].map(Number);
  return Number.isNaN(from + to) ? 'unknown' : { protocol, from: Math.max(from, 0), to: to < 0 ? 65535 : to };
}

/** A range of ports. */
export interface Ports {
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}

/** Such as `tcp 443`. */
export function inWords({ protocol, from, to }: Ports): string {
  if (from === 0 && to === 65535) return `${protocol}, all ports`;
  return from === to ? `${protocol} ${from}` : `${protocol} ${from} to ${to}`;
}

const PROTOCOLS: Record<string, string> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' };
