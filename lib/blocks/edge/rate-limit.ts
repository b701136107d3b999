import { createHash } from 'node:crypto';
import { type Duration, Token } from 'aws-cdk-lib';
import { isTooShort } from '../operations/reason';
import { checkPath } from './request-path';

/** Seconds over which AWS WAF counts (AWS WAF developer guide, rate-based rule high-level settings). */
const WINDOWS = [60, 120, 300, 600];

/** Highest limit of a rate-based rule (AWS WAF quotas). */
const MOST_REQUESTS = 2_000_000_000;

/**
 * Refuses a limit that AWS WAF does not take.
 * @throws if it is no whole number from 10 to 2,000,000,000
 */
export function checkLimit(prop: string, limit: number): void {
  if (Token.isUnresolved(limit) || (Number.isInteger(limit) && limit >= 10 && limit <= MOST_REQUESTS)) return;
  throw new Error(`${prop} must be a whole number from 10 to ${MOST_REQUESTS}, got: ${limit}`);
}

/**
 * How often one sender may ask for what lies below a path. Above it, AWS WAF answers 429 with `Retry-After` instead of the
 * application, about half a minute after it was passed, and until the rate has come down: it stops floods, it does not count exactly
 * (AWS WAF developer guide, rate-based rule caveats).
 *
 * The path is the start of one, `/login` stands for `/login`, `/login/` and `/login-with-google`, in whatever case and encoding it is
 * written. What only an application does with a path, such as throwing `;` parameters away, no firewall knows: the limit for all
 * requests of an address stands behind these.
 */
export class RateLimit {
  /** Requests of each address. */
  public static perIp(path: string, limit: number, window: Duration): RateLimit {
    return new RateLimit('Ip', '', path, limit, window);
  }

  /**
   * Requests with each value of a header, such as a key that was given to a customer. Those without the header are not counted, and who
   * makes values up is not stopped: the application refuses those, and the limits for addresses hold for them.
   */
  public static perHeader(header: string, path: string, limit: number, window: Duration): RateLimit {
    checkKey('header', header, /^[A-Za-z0-9-]{1,64}$/);
    return new RateLimit('Header', header.toLowerCase(), path, limit, window);
  }

  /** Requests with each value of a cookie, such as a session; what holds for headers holds for cookies. */
  public static perCookie(cookie: string, path: string, limit: number, window: Duration): RateLimit {
    checkKey('cookie', cookie, /^[A-Za-z0-9._~!$&'*+^`|#%-]{1,64}$/);
    return new RateLimit('Cookie', cookie, path, limit, window);
  }

  /** Requests of each address for each single path below this one, so that who reads many things is not stopped for reading. */
  public static perIpAndPath(path: string, limit: number, window: Duration): RateLimit {
    return new RateLimit('IpAndPath', '', path, limit, window);
  }

  /** Name of the rule and of its metric: by what is counted, not by how much, so that another limit keeps it. */
  public readonly name: string;

  private constructor(
    /** What tells senders apart: `Ip`, `Header`, `Cookie` or `IpAndPath`. */
    public readonly by: string,
    /** Name of the header or cookie, else empty. */
    public readonly key: string,
    /** Start of the paths. */
    public readonly path: string,
    /** Most requests in the window. */
    public readonly limit: number,
    /** Over which the requests are counted: 1, 2, 5 or 10 minutes. */
    public readonly window: Duration,
    /** Why requests above it are only counted; undefined where they are refused. */
    public readonly countedBecause?: string,
  ) {
    checkPath('path', path);
    checkLimit('limit', limit);
    if (!window.isUnresolved() && !WINDOWS.includes(window.toSeconds())) {
      throw new Error(`window must be 1, 2, 5 or 10 minutes, got: ${window.toHumanString()}: AWS WAF counts over no other`);
    }
    if (countedBecause !== undefined && isTooShort(countedBecause)) {
      throw new Error(`reason '${countedBecause}' for countOnly is too short to sign, say what is waited for and who looks`);
    }
    // Paths are compared in lower case.
    this.name = ruleName(by, key, path.toLowerCase(), window.isUnresolved() ? 'window' : `${window.toSeconds()}s`);
  }

  /**
   * The same limit, which refuses nobody: requests above it are counted and logged, for a first rollout.
   * @param reason what is waited for and who looks, at least one full sentence
   */
  public countOnly(reason: string): RateLimit {
    return new RateLimit(this.by, this.key, this.path, this.limit, this.window, reason);
  }
}

function checkKey(kind: string, name: string, pattern: RegExp): void {
  if (pattern.test(name)) return;
  throw new Error(`${kind} must be the name of a ${kind}, 1 to 64 characters without spaces, got: '${name}'`);
}

/**
 * A name that AWS WAF takes, another one for every other limit: of letters, digits and hyphens `/` becomes `_`, so that it can be
 * read; of anything else, or a long one, a digest makes it unique.
 */
function ruleName(by: string, key: string, path: string, window: string): string {
  const plain = /^[A-Za-z0-9-]*$/.test(key) && /^[a-z0-9/-]*$/.test(path) && key.length + path.length <= 90;
  const text = `${key === '' ? '' : `-${key}`}${path.replaceAll('/', '_')}`;
  const told = plain ? text : `${text.replace(/[^\w-]/g, '-').slice(0, 70)}-${digest(`${key} ${path}`)}`;
  return `RatePer${by}${told}-${window}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
