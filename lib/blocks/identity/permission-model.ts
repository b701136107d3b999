import type { UserGroup } from './user-group';

/** Namespace of the entities and actions of a model that is made of groups. */
const NAMESPACE = 'Product';

/** Cedar's rule for a namespace, path by path. */
const CEDAR_NAME = /^[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*$/;

/** What the policies of a permission store can speak of. */
export class PermissionModel {
  /**
   * Users, their groups, the actions that the groups permit, and resources of one kind: `Product::User`, `Product::Group`,
   * `Product::Action` and `Product::Resource`.
   */
  public static byGroups(): PermissionModel {
    return new PermissionModel(NAMESPACE);
  }

  /**
   * A Cedar schema of your own, as JSON with one namespace, in which `User` is a member of `Group`, and every action that a group
   * permits is declared. It may be changed at any time.
   * @throws if it is no such JSON
   */
  public static schema(cedarJson: string): PermissionModel {
    const namespaces = namespacesOf(cedarJson);
    if (namespaces.length !== 1 || !CEDAR_NAME.test(namespaces[0])) {
      throw new Error(
        `schema must be the JSON of a Cedar schema with one namespace, got ${namespaces.length === 0 ? 'none' : namespaces.join(', ')}: write it as in {"Shop":{"entityTypes":{},"actions":{}}}`,
      );
    }
    const [namespace] = namespaces;
    const { entityTypes = {} } = JSON.parse(cedarJson)[namespace] as { entityTypes?: { [name: string]: unknown } };
    for (const name of ['User', 'Group']) {
      if (!(name in entityTypes)) {
        throw new Error(
          `schema must declare the entity type ${name} in '${namespace}': the identities of the user pool become such`,
        );
      }
    }
    return new PermissionModel(namespace, cedarJson);
  }

  private constructor(
    /** Namespace of entities and actions. */
    public readonly namespace: string,
    /** A schema of one's own. */
    public readonly ownSchema?: string,
  ) {}

  /**
   * The Cedar schema as JSON.
   * @throws if it is made of groups, and none of them permits anything
   */
  public schemaFor(groups: UserGroup[]): string {
    const permitted = [...new Set(groups.flatMap(({ permits = [] }) => permits))];
    if (this.ownSchema !== undefined) {
      const { actions = {} } = JSON.parse(this.ownSchema)[this.namespace] as { actions?: { [name: string]: unknown } };
      const unknown = permitted.find((action) => !(action in actions));
      if (unknown === undefined) return this.ownSchema;
      throw new Error(`groups: permits names '${unknown}', which the schema does not declare: add the action to its actions`);
    }
    if (permitted.length === 0) {
      throw new Error(
        "permissions by groups need a group that permits something, got none: write it as in { name: 'admin', permits: ['refund'] }",
      );
    }
    const appliesTo = { principalTypes: ['User'], resourceTypes: ['Resource'] };
    return JSON.stringify({
      [this.namespace]: {
        entityTypes: { User: { memberOfTypes: ['Group'] }, Group: {}, Resource: {} },
        actions: Object.fromEntries(permitted.map((action) => [action, { appliesTo }])),
      },
    });
  }
}

function namespacesOf(cedarJson: string): string[] {
  try {
    const schema: unknown = JSON.parse(cedarJson);
    return typeof schema === 'object' && schema !== null ? Object.keys(schema) : [];
  } catch {
    return [];
  }
}
