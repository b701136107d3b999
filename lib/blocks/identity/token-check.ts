/** Where the tokens of requests are checked. */
export class TokenCheck {
  /** The services check them, by `USER_POOL_ISSUER` and the keys below it. */
  public static inService(): TokenCheck {
    return new TokenCheck([]);
  }

  /**
   * The load balancer refuses requests for these paths with 401, unless they bring a valid access token of the user pool in the
   * header `Authorization: Bearer`; the services get the token as it came. Spares them what is not worth an answer, and is no
   * replacement for a check of their own: the load balancer compares paths letter by letter, where a framework may take `/Account`,
   * `//account` or `/%61ccount` for the same. Needs a domain, because only then the listener speaks HTTPS. For programs and pages that
   * call an API; who just follows a link brings no header.
   *
   * @param paths such as `/account/*`; `*` stands for any characters, `?` for one
   * @throws if there is no path, one is not valid, or one stands twice
   */
  public static atLoadBalancer(...paths: string[]): TokenCheck {
    if (paths.length === 0) throw new Error('paths must name at least one path, got none: take TokenCheck.inService()');
    for (const [index, path] of paths.entries()) {
      // Elastic Load Balancing user guide, path conditions; 128 characters.
      if (!/^\/[A-Za-z0-9_\-.$/~"'@:+&*?]{0,127}$/.test(path)) {
        throw new Error(
          `paths must start with a slash and be at most 128 letters, digits and signs of _-.$/~"'@:+&*?, got '${path}': write it as in /account/*`,
        );
      }
      if (paths.indexOf(path) !== index) throw new Error(`paths: '${path}' stands twice, name every path once`);
    }
    return new TokenCheck(paths);
  }

  private constructor(
    /** Paths that the load balancer guards. */
    public readonly paths: string[],
  ) {}
}
