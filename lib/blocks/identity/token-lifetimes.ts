import { Duration } from 'aws-cdk-lib';
import type * as cognito from 'aws-cdk-lib/aws-cognito';

/** How long the tokens of a client are good. */
export class TokenLifetimes {
  /** An hour for access, 30 days until the next sign-in: what Amazon Cognito does where nobody says so. */
  public static readonly DEFAULT = new TokenLifetimes(Duration.hours(1), Duration.days(30));

  /**
   * Lifetimes of your own. Who checks tokens by their signature sees a revoked one as good until it ends: shorter is safer, and
   * every refresh counts against the quota of the account.
   * @param access access and identity tokens, 5 minutes to 1 day
   * @param refresh refresh tokens, 1 hour to 10 years, longer than `access`
   * @throws if a lifetime is out of range
   */
  public static of(access: Duration, refresh: Duration): TokenLifetimes {
    return new TokenLifetimes(access, refresh);
  }

  private constructor(
    /** Lifetime of access and identity tokens. */
    public readonly access: Duration,
    /** Lifetime of refresh tokens. */
    public readonly refresh: Duration,
  ) {
    if (access.isUnresolved() || refresh.isUnresolved()) return;
    const minutes = access.toMinutes({ integral: false });
    if (!(Number.isInteger(minutes) && minutes >= 5 && minutes <= 24 * 60)) {
      throw new Error(`access must be 5 minutes to 1 day in whole minutes, got ${access.toHumanString()}: an hour is usual`);
    }
    const longest = Duration.days(10 * 365).toMinutes();
    const refreshMinutes = refresh.toMinutes({ integral: false });
    if (!(Number.isInteger(refreshMinutes) && refreshMinutes >= 60 && refreshMinutes <= longest && refreshMinutes > minutes)) {
      throw new Error(
        `refresh must be 1 hour to 10 years in whole minutes and longer than access, got ${refresh.toHumanString()}: 30 days is usual`,
      );
    }
  }

  /**
   * As a client takes them.
   * @internal
   */
  public get _ofClient(): cognito.UserPoolClientOptions {
    return { accessTokenValidity: this.access, idTokenValidity: this.access, refreshTokenValidity: this.refresh };
  }
}
