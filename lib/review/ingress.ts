import type { Assembly } from '../assembly/cloud-assembly';
import { isObject, items } from '../assembly/values';
import { cidr } from './cidr';
import { type DeployedResource, deployedResources } from './deployed-resources';

/** Who may come in, and to which ports, by one rule of a security group. */
export interface IngressRule extends DeployedResource {
  /** Path of the rule below `Properties`; empty where the resource is the rule. */
  readonly at: string;
  readonly rule: Record<string, unknown>;
}

/** Types that let traffic in. */
export const INGRESS_TYPES = ['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress'];

/** Every rule of every security group by which somebody comes in. */
export function ingressRules(assembly: Assembly): IngressRule[] {
  return deployedResources(assembly, ...INGRESS_TYPES).flatMap((resource) => {
    if (resource.type === 'AWS::EC2::SecurityGroupIngress') return [{ ...resource, at: '', rule: resource.properties }];
    return items(resource.properties.SecurityGroupIngress).flatMap((rule, index) =>
      isObject(rule) ? [{ ...resource, at: `SecurityGroupIngress.${index}.`, rule }] : [],
    );
  });
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
