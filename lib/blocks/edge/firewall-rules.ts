import { Duration } from 'aws-cdk-lib';
import { isTooShort } from '../operations/reason';
import { checkAddresses } from './address-list';
import type { BotControl } from './bot-control';
import { DdosProtection } from './ddos-protection';
import type { CountedRules } from './managed-rule-group';
import { checkLimit, RateLimit } from './rate-limit';
import { INCLUDED_CAPACITY, MOST_CAPACITY } from './web-acl-capacity';

/** What firewalls refuse. */
export interface FirewallRulesProps {
  /**
   * How often one sender may ask, path by path; at most 8, because AWS WAF allows ten rate-based rules a web ACL and two are
   * `requestsPerAddress`. Each costs 1 USD a month.
   * @default - 300 requests of an address to `/auth/` in 5 minutes, and 100 to `/login`
   */
  readonly rateLimits?: RateLimit[];
  /**
   * Most requests of one address in five minutes, without those below `/assets/`, 10 to 2,000,000,000; ten times as many with them.
   * @default 2000
   */
  readonly requestsPerAddress?: number;
  /**
   * Addresses and ranges, IPv4 and IPv6, that nothing but `blockedAddresses` stops: an office, a monitor, a partner's webhooks.
   * @default - none
   */
  readonly allowedAddresses?: string[];
  /**
   * Addresses and ranges, IPv4 and IPv6, that get nothing, whatever else allows them.
   * @default - none
   */
  readonly blockedAddresses?: string[];
  /**
   * Managed groups, or single rules of them, that only count.
   * @default - `SizeRestrictions_BODY` of the core group, which refuses every upload over 8 KB, and `HostingProviderIPList`
   */
  readonly counted?: CountedRules[];
  /**
   * Whether what comes from the machines of hosting companies is refused, those of AWS included: webhooks, partners' servers and
   * monitors come from there.
   * @default false - counted
   */
  readonly refusesHostingProviders?: boolean;
  /**
   * What tells bots from people.
   * @default - nothing
   */
  readonly bots?: BotControl;
  /**
   * What stands against floods of requests.
   * @default DdosProtection.STANDARD
   */
  readonly ddos?: DdosProtection;
  /**
   * Whether the log has query strings: sign-in codes and reset links travel there.
   * @default false
   */
  readonly logsQueryStrings?: boolean;
  /**
   * Headers that the log leaves out beside `authorization`, `cookie` and `x-origin-verify`; keys of rate limits are hashed anyway.
   * @default - none
   */
  readonly redactedHeaders?: string[];
  /**
   * Most capacity that the rules of a web ACL may take, 1,500 to 5,000 WCU. AWS takes 0.20 USD a million requests for each 500 WCU
   * above 1,500 (AWS WAF pricing).
   * @default 1500
   */
  readonly mostCapacity?: number;
}

/** AWS WAF allows ten rate-based rules a web ACL (AWS WAF quotas, fixed), and two are the firewall's own. */
const MOST_RATE_LIMITS = 8;

/**
 * What the firewalls of a product refuse: before the site everything, before the load balancers what a request says. Every change is
 * one of rules in place.
 */
export class FirewallRules {
  /** Rules that refuse. */
  public static of(props: FirewallRulesProps = {}): FirewallRules {
    return new FirewallRules(props);
  }

  /**
   * The same rules, none of which refuses anybody: everything is counted and logged, for a first rollout. The addresses blocked are
   * let in, too.
   * @param reason what is waited for and who looks, at least one full sentence
   */
  public static countOnly(reason: string, props: FirewallRulesProps = {}): FirewallRules {
    if (isTooShort(reason)) {
      throw new Error(`reason '${reason}' for countOnly is too short to sign, say what is waited for and who looks`);
    }
    return new FirewallRules(props, reason);
  }

  public readonly rateLimits: RateLimit[];
  public readonly requestsPerAddress: number;
  public readonly allowedAddresses: string[];
  public readonly blockedAddresses: string[];
  public readonly counted: CountedRules[];
  public readonly refusesHostingProviders: boolean;
  public readonly bots?: BotControl;
  public readonly ddos: DdosProtection;
  public readonly logsQueryStrings: boolean;
  /** In lower case. */
  public readonly redactedHeaders: string[];
  public readonly mostCapacity: number;

  private constructor(
    props: FirewallRulesProps,
    /** Why nothing is refused; undefined where it is. */
    public readonly countedBecause?: string,
  ) {
    this.rateLimits = props.rateLimits ?? [
      RateLimit.perIp('/auth/', 300, Duration.minutes(5)),
      RateLimit.perIp('/login', 100, Duration.minutes(5)),
    ];
    this.requestsPerAddress = props.requestsPerAddress ?? 2000;
    this.allowedAddresses = props.allowedAddresses ?? [];
    this.blockedAddresses = props.blockedAddresses ?? [];
    this.counted = props.counted ?? [];
    this.refusesHostingProviders = props.refusesHostingProviders ?? false;
    this.bots = props.bots;
    this.ddos = props.ddos ?? DdosProtection.STANDARD;
    this.logsQueryStrings = props.logsQueryStrings ?? false;
    this.redactedHeaders = (props.redactedHeaders ?? []).map((header) => header.toLowerCase());
    this.mostCapacity = props.mostCapacity ?? INCLUDED_CAPACITY;
    this.check();
  }

  private check(): void {
    checkLimit('requestsPerAddress', this.requestsPerAddress);
    checkAddresses('allowedAddresses', this.allowedAddresses);
    checkAddresses('blockedAddresses', this.blockedAddresses);
    const both = this.allowedAddresses.find((address) => this.blockedAddresses.includes(address));
    if (both !== undefined) {
      throw new Error(`allowedAddresses must not name what blockedAddresses names, got '${both}' in both: take it from one`);
    }
    if (this.rateLimits.length > MOST_RATE_LIMITS) {
      throw new Error(
        `rateLimits must be at most ${MOST_RATE_LIMITS}, got ${this.rateLimits.length}: join paths (AWS WAF allows ten rate-based rules ` +
          'a web ACL, and two are for all requests of an address)',
      );
    }
    const names = this.rateLimits.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new Error(
        `rateLimits must each count something else, got '${twice}' twice: take one away, or give it another window`,
      );
    }
    const header = this.redactedHeaders.find((name) => !/^[a-z0-9-]{1,64}$/.test(name));
    if (header !== undefined)
      throw new Error(`redactedHeaders must be names of headers, 1 to 64 letters, digits and hyphens, got: '${header}'`);
    const { mostCapacity } = this;
    if (!Number.isInteger(mostCapacity) || mostCapacity < INCLUDED_CAPACITY || mostCapacity > MOST_CAPACITY) {
      throw new Error(`mostCapacity must be a whole number from ${INCLUDED_CAPACITY} to ${MOST_CAPACITY}, got: ${mostCapacity}`);
    }
  }
}
