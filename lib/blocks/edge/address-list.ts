import { isIP } from 'node:net';
import { Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

/** Most addresses of a set (AWS WAF quotas). */
const MOST_ADDRESSES = 10_000;

/** Addresses of one list, in the two kinds that AWS WAF keeps apart. */
interface AddressKinds {
  readonly V4: string[];
  readonly V6: string[];
}

/**
 * Refuses what is no address and no range.
 * @throws if it is neither, or everybody's
 */
export function checkAddresses(prop: string, addresses: string[]): void {
  for (const address of addresses) if (!Token.isUnresolved(address)) checkAddress(prop, address);
  for (const [kind, list] of Object.entries(kinds(addresses))) {
    if (list.length <= MOST_ADDRESSES) continue;
    throw new Error(
      `${prop} must have at most ${MOST_ADDRESSES} addresses of a kind, got ${list.length} of IP${kind.toLowerCase()}: join ranges`,
    );
  }
}

/**
 * What a request's address matches if it is on a list, and the sets behind that; nothing for an empty list.
 *
 * The sets have no name, which is create-only: CloudFormation gives one, and the addresses change in place.
 * @param forwarded whether a proxy asks, so that the address is the last one in `X-Forwarded-For`, which that proxy wrote
 */
export function addressMatch(
  scope: Construct,
  id: string,
  props: { addresses: string[]; webAclScope: string; forwarded: boolean },
): wafv2.CfnWebACL.StatementProperty | undefined {
  const statements = Object.entries(kinds(props.addresses))
    .filter(([, list]) => list.length > 0)
    .map(([kind, addresses]) => {
      const set = new wafv2.CfnIPSet(scope, `${id}${kind}`, {
        scope: props.webAclScope,
        ipAddressVersion: `IP${kind}`,
        addresses,
      });
      return {
        ipSetReferenceStatement: { arn: set.attrArn, ipSetForwardedIpConfig: props.forwarded ? LAST_FORWARDED : undefined },
      };
    });
  return statements.length > 1 ? { orStatement: { statements } } : statements[0];
}

/** The first address is whatever the client wrote; CloudFront appends the one it sees. */
const LAST_FORWARDED: wafv2.CfnWebACL.IPSetForwardedIPConfigurationProperty = {
  headerName: 'X-Forwarded-For',
  position: 'LAST',
  fallbackBehavior: 'NO_MATCH',
};

/** Each as a range, as AWS WAF wants it. */
function kinds(addresses: string[]): AddressKinds {
  const ranges = [
    ...new Set(addresses.map((address) => (address.includes('/') ? address : `${address}/${address.includes(':') ? 128 : 32}`))),
  ];
  return { V4: ranges.filter((range) => !range.includes(':')), V6: ranges.filter((range) => range.includes(':')) };
}

function checkAddress(prop: string, address: string): void {
  const [ip, bits, ...more] = address.split('/');
  const version = isIP(ip);
  const most = version === 6 ? 128 : 32;
  const good = version !== 0 && more.length === 0 && !ip.includes('%') && (bits === undefined || isBits(bits, most));
  if (!good) {
    throw new Error(
      `${prop} must be addresses or ranges such as 192.0.2.0/24 or 2001:db8::/32, from /1 on, got: '${address}': correct it`,
    );
  }
  if (version === 4 && bits !== undefined && hostBits(ip, Number(bits)) !== 0) {
    throw new Error(`${prop} must be ranges that start where they say, got: '${address}': write the first address of the range`);
  }
}

function isBits(text: string, most: number): boolean {
  return /^[1-9]\d{0,2}$/.test(text) && Number(text) <= most;
}

/** What is left of an address beside its network. */
function hostBits(ip: string, bits: number): number {
  const number = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return number % 2 ** (32 - bits);
}
