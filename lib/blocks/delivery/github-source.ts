/** Issuer of the tokens of GitHub Actions, without its scheme. */
export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';

/**
 * Whose workflows are meant: those of one repository on one branch, or those that GitHub let into one environment.
 *
 * An environment is the better choice: only there can GitHub ask people before it hands out the token.
 */
export class GitHubSource {
  /**
   * Workflows that run on a branch and name no environment (GitHub gives those that do another subject).
   * @param repository `owner/name`
   * @throws if one of the two is no name, or has a wildcard
   */
  public static branch(repository: string, branch: string): GitHubSource {
    if (!/^[A-Za-z0-9_](?!.*(\.\.|\/\/))[A-Za-z0-9._/-]{0,243}$/.test(branch) || branch.endsWith('/')) {
      throw new Error(`branch must be the name of one branch, such as main, got '${branch}': wildcards would let in others`);
    }
    return new GitHubSource(prefixOf(repository), `ref:refs/heads/${branch}`);
  }

  /**
   * Workflows of an environment.
   * @param repository `owner/name`
   * @throws if one of the two is no name, or has a wildcard
   */
  public static environment(repository: string, environment: string): GitHubSource {
    if (!/^[A-Za-z0-9_][A-Za-z0-9 ._-]{0,254}$/.test(environment)) {
      throw new Error(
        `environment must be the name of one environment, of letters, digits, blanks, dots, hyphens and underscores, such as production, got '${environment}': rename it`,
      );
    }
    return new GitHubSource(prefixOf(repository), `environment:${environment}`);
  }

  private constructor(
    private readonly prefix: string,
    private readonly rest: string,
  ) {}

  /** What GitHub says in the token's `sub`. */
  public get subject(): string {
    return `${this.prefix}:${this.rest}`;
  }

  /**
   * The same, for a repository whose subject holds the ids of owner and repository too, as that of every repository made or renamed
   * after 18 June 2026 does (GitHub changelog, 23 April 2026, immutable subject claims). The repository's OIDC settings show it.
   * @param prefix the subject up to branch or environment, such as `repo:octocat-123456/shop-456789`
   * @throws if that is none, or has a wildcard
   */
  public withSubjectPrefix(prefix: string): GitHubSource {
    if (!/^repo:[A-Za-z0-9_.@-]+\/[A-Za-z0-9_.@-]+$/.test(prefix)) {
      throw new Error(
        `prefix must be what the OIDC settings of the repository show, such as repo:octocat-123456/shop-456789, got '${prefix}': copy it from there`,
      );
    }
    return new GitHubSource(prefix, this.rest);
  }
}

function prefixOf(repository: string): string {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?\/[A-Za-z0-9._-]{1,100}$/.test(repository)) {
    throw new Error(
      `repository must be owner/name of one repository on GitHub, such as octocat/shop, got '${repository}': write both`,
    );
  }
  return `repo:${repository}`;
}
