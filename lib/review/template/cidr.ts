/** An IPv4 network. */
export interface Cidr {
  readonly text: string;
  readonly prefix: number;
  /** First and last address as numbers. */
  readonly first: number;
  readonly last: number;
  /** As it should be written: without bits of the host. */
  readonly canonical: string;
}

/** Reads `10.0.0.0/16`; undefined where it is none. */
export function cidr(value: unknown): Cidr | undefined {
  const parts = typeof value === 'string' ? /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(value) : null;
  if (!parts) return undefined;
  const [a, b, c, d, prefix] = parts.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = Math.floor(address / size) * size;
  const canonical = `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${prefix}`;
  return { text: parts[0], prefix, first, last: first + size - 1, canonical };
}

/** Whether one network lies in another. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether two networks have an address in common. */
export function overlap(left: Cidr, right: Cidr): boolean {
  return left.first <= right.last && right.first <= left.last;
}
