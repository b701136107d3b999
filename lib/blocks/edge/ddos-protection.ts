/** What stands against floods of requests, beside the rate limits. */
export class DdosProtection {
  /** AWS Shield Standard, which everybody has for nothing: against floods of packets, not of requests. */
  public static readonly STANDARD = new DdosProtection(false, false, false);

  /**
   * AWS WAF's anti-DDoS rules before the site: they learn what is usual in minutes and refuse the worst senders of a flood in seconds.
   * 20 USD a month and 0.15 USD a million requests (not verified against AWS). Challenges are off: programs cannot solve them.
   */
  public static readonly ANTI_DDOS_RULES = new DdosProtection(true, false, false);

  /**
   * AWS Shield Advanced for the distribution and the load balancers, with the anti-DDoS rules: 3,000 USD a month for the whole
   * organization, for a year at least, and for data sent (AWS Shield pricing; not verified against AWS). **CloudFormation does not
   * subscribe**: somebody does, in the console of the account, or the deploy fails. Taking it away again ends the protections, not
   * the subscription.
   */
  public static readonly SHIELD_ADVANCED = new DdosProtection(true, true, false);

  /**
   * Shield Advanced with its older automatic response instead of the anti-DDoS rules: Shield itself writes rules into both web ACLs
   * while it sees an attack. Accounts that subscribed after 26 March 2026 have to ask AWS Support for it (AWS WAF developer guide,
   * automating application layer DDoS mitigation).
   */
  public static readonly SHIELD_ADVANCED_AUTOMATIC_RESPONSE = new DdosProtection(false, true, true);

  private constructor(
    /** Whether AWS WAF's anti-DDoS rules stand before the site. */
    public readonly rules: boolean,
    /** Whether Shield Advanced protects the distribution and the load balancers. */
    public readonly shieldAdvanced: boolean,
    /** Whether Shield Advanced writes rules by itself. */
    public readonly automaticResponse: boolean,
  ) {}
}
