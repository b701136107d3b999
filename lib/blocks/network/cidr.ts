import { BlockList, isIPv4 } from 'node:net';

/** An IPv4 range that holds the whole ladder's subnets. */
export interface Cidr {
  readonly address: string;
  readonly prefix: number;
}

/**
 * Reads a VPC range.
 *
 * @throws if it is no IPv4 range from /16 (the largest VPC) to /18 (three /20 app subnets and six /24 just fit)
 */
export function parseVpcCidr(prop: string, value: string): Cidr {
  const [address, prefix, ...rest] = value.split('/');
  if (rest.length > 0 || !isIPv4(address) || !/^\d{1,2}$/.test(prefix ?? '')) {
    throw new Error(`${prop} must be an IPv4 range such as 10.0.0.0/16, got: '${value}'`);
  }
  const cidr = { address, prefix: Number(prefix) };
  if (cidr.prefix < 16 || cidr.prefix > 18) {
    throw new Error(`${prop} must be a /16, /17 or /18 so that the subnets of every stage fit, got: '${value}'`);
  }
  if (networkAddress(cidr) !== address) {
    throw new Error(`${prop} must start at its network address ${networkAddress(cidr)}/${prefix}, got: '${value}'`);
  }
  return cidr;
}

/** Whether two ranges share an address; of two ranges that do, one holds the other's first address. */
export function overlap(one: Cidr, other: Cidr): boolean {
  return holds(one, other.address) || holds(other, one.address);
}

function holds(cidr: Cidr, address: string): boolean {
  const list = new BlockList();
  list.addSubnet(cidr.address, cidr.prefix, 'ipv4');
  return list.check(address, 'ipv4');
}

function networkAddress({ address, prefix }: Cidr): string {
  const bits = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const start = bits - (bits % 2 ** (32 - prefix));
  return [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.');
}
