import { checkPath } from './request-path';

/**
 * AWS WAF Bot Control, which tells bots from people, before the site (not before the load balancer, where requests would be paid for
 * twice). It refuses what looks like a program and is no known search engine or monitor, the HTTP libraries of an API's own customers
 * among them: count it first, or keep it to paths that people visit.
 */
export class BotControl {
  /**
   * Bots that say what they are: 10 USD a month, and 1 USD a million requests above 10 million (docs/prices.json, AWS WAF pricing).
   * @param path start of the paths it looks at
   */
  public static common(path?: string): BotControl {
    return new BotControl('COMMON', path);
  }

  /**
   * These, and bots that hide, by challenges and by how they behave. 10 USD a month, and 10 USD a million requests above 1 million
   * (AWS WAF pricing as remembered; not verified against AWS). Programs and single-page applications that call an API need AWS's token
   * first (AWS WAF developer guide, client application integration).
   * @param path start of the paths it looks at
   */
  public static targeted(path?: string): BotControl {
    return new BotControl('TARGETED', path);
  }

  private constructor(
    /** `COMMON` or `TARGETED`. */
    public readonly level: string,
    /** Start of the paths it looks at; undefined for everything but static files. */
    public readonly path?: string,
  ) {
    if (path !== undefined) checkPath('path', path);
  }
}
