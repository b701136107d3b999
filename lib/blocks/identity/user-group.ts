/** A role that people may have. */
export interface UserGroup {
  /** Name, 1 to 128 letters, digits, dots, dashes and underscores; another name is another group. */
  readonly name: string;
  /** @default - none */
  readonly description?: string;
  /**
   * Rank among the groups of one person, 0 to 2147483647, the lowest first.
   * @default - none, after all others
   */
  readonly precedence?: number;
  /**
   * Actions that its people may do to every resource, for a permission store.
   * @default - none
   */
  readonly permits?: string[];
}

/** The most groups of a pool (Amazon Cognito developer guide, quotas: groups per user pool). */
const MOST_GROUPS = 10_000;

/**
 * Checks groups.
 * @throws if a name stands twice or is no name, or a precedence is out of range
 */
export function checkGroups(groups: UserGroup[]): void {
  if (groups.length > MOST_GROUPS) {
    throw new Error(`groups must be at most ${MOST_GROUPS}, got ${groups.length}: a user pool takes no more`);
  }
  for (const [index, { name, precedence }] of groups.entries()) {
    // The name goes into construct ids, policies and claims, where a space or a quote would be read as something else.
    if (!/^[A-Za-z0-9._-]{1,128}$/.test(name)) {
      throw new Error(
        `groups: name must be 1 to 128 letters, digits, dots, dashes and underscores, got '${name}': write it as in order-desk`,
      );
    }
    if (groups.findIndex((group) => group.name === name) !== index) {
      throw new Error(`groups: '${name}' stands twice, name every group once`);
    }
    if (precedence !== undefined && !(Number.isInteger(precedence) && precedence >= 0 && precedence <= 2 ** 31 - 1)) {
      throw new Error(
        `groups: precedence of '${name}' must be a whole number from 0 to 2147483647, got ${precedence}: 0 goes first`,
      );
    }
  }
}
