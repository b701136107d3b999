/**
 * The member of a class that has this name, such as `DatabaseSize.USERS_1M`. The schema lets in no name that the class does not have; a
 * test holds the two together.
 */
export function named<T>(members: { readonly prototype: T }, name?: string): T | undefined {
  return name === undefined ? undefined : (members as unknown as { readonly [name: string]: T })[name];
}
