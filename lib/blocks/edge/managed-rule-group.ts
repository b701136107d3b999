import { isTooShort } from '../operations/reason';

/** A group of rules that AWS writes and keeps up to date; it costs what one rule costs. */
export class ManagedRuleGroup {
  /** Addresses that AWS has seen attack. */
  public static readonly IP_REPUTATION = new ManagedRuleGroup('AWSManagedRulesAmazonIpReputationList', 25);
  /** Addresses behind which anybody may be: proxies, Tor, and as `HostingProviderIPList` the machines of hosting companies. */
  public static readonly ANONYMOUS_IPS = new ManagedRuleGroup('AWSManagedRulesAnonymousIpList', 50);
  /** What attackers send to any web application: scripts, paths out of the site, addresses of metadata services. */
  public static readonly CORE = new ManagedRuleGroup('AWSManagedRulesCommonRuleSet', 700);
  /** Requests known to exploit a fault, Log4j among them. */
  public static readonly KNOWN_BAD_INPUTS = new ManagedRuleGroup('AWSManagedRulesKnownBadInputsRuleSet', 200);
  /** SQL where none belongs. */
  public static readonly SQL = new ManagedRuleGroup('AWSManagedRulesSQLiRuleSet', 200);

  private constructor(
    /** What AWS calls it. */
    public readonly name: string,
    /** What it takes of a web ACL's capacity, in WCU (AWS WAF developer guide, AWS Managed Rules rule groups list). */
    public readonly capacity: number,
  ) {}
}

/** A managed group, or one rule of it, that only counts. */
export class CountedRules {
  /**
   * A whole group.
   * @param reason what is waited for and who looks, at least one full sentence
   */
  public static group(group: ManagedRuleGroup, reason: string): CountedRules {
    return new CountedRules(group, reason);
  }

  /**
   * One rule of a group, as the log names it: `terminatingRule.ruleId`, such as `NoUserAgent_HEADER`.
   * @param reason what it refused wrongly, at least one full sentence
   */
  public static rule(group: ManagedRuleGroup, rule: string, reason: string): CountedRules {
    return new CountedRules(group, reason, rule);
  }

  private constructor(
    /** The group it is of. */
    public readonly ofGroup: ManagedRuleGroup,
    public readonly reason: string,
    /** Undefined for the whole group. */
    public readonly ruleName?: string,
  ) {
    if (ruleName !== undefined && !/^[A-Za-z0-9_-]{1,128}$/.test(ruleName)) {
      throw new Error(
        `rule must be the name of one rule of ${ofGroup.name} as the log has it, such as NoUserAgent_HEADER, got: '${ruleName}'`,
      );
    }
    if (isTooShort(reason)) {
      throw new Error(
        `reason '${reason}' for counting ${ruleName ?? ofGroup.name} is too short to sign, say what it refused wrongly`,
      );
    }
  }
}
