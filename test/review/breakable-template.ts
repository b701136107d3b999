import type { Template, TemplateResource } from '../../lib/assembly/cloud-assembly';

/** A template that a test may spoil. Every method returns the logical id of what it spoilt. */
export class BreakableTemplate {
  public constructor(public readonly template: Template) {}

  /** Sets a property of a resource, by its dotted path below `Properties`. */
  public set(type: string, path: string, value: unknown, which?: (resource: TemplateResource) => boolean): string {
    const [logicalId, resource] = this.one(type, which);
    const keys = path.split('.');
    const last = keys.pop()!;
    let owner = resource.Properties as Record<string, unknown>;
    for (const key of keys) {
      owner[key] ??= {};
      owner = owner[key] as Record<string, unknown>;
    }
    if (value === undefined) delete owner[last];
    else owner[last] = value;
    return logicalId;
  }

  /** Takes a property of a resource away. */
  public remove(type: string, path: string, which?: (resource: TemplateResource) => boolean): string {
    return this.set(type, path, undefined, which);
  }

  /** Sets something beside `Properties`, such as `DeletionPolicy`; undefined takes it away. */
  public attribute(type: string, name: 'DeletionPolicy' | 'UpdateReplacePolicy', value: string | undefined): string {
    const [logicalId, resource] = this.one(type);
    const attributes = resource as unknown as Record<string, unknown>;
    if (value === undefined) delete attributes[name];
    else attributes[name] = value;
    return logicalId;
  }

  /** Adds a statement to the policy of a resource. */
  public allow(type: string, statement: Record<string, unknown>, path = 'PolicyDocument'): string {
    const [logicalId, resource] = this.one(type);
    const document = (resource.Properties as Record<string, { Statement: unknown[] }>)[path];
    document.Statement.push({ Effect: 'Allow', ...statement });
    return logicalId;
  }

  /** Adds a resource. */
  public add(logicalId: string, type: string, properties: Record<string, unknown>): string {
    if (this.template.Resources?.[logicalId]) throw new Error(`there is a ${logicalId} already`);
    this.template.Resources![logicalId] = { Type: type, Properties: properties };
    return logicalId;
  }

  /** Takes a resource away without looking who refers to it. */
  public drop(type: string): void {
    delete this.template.Resources![this.one(type)[0]];
  }

  /** Logical id of the first resource of a type. */
  public id(type: string, which?: (resource: TemplateResource) => boolean): string {
    return this.one(type, which)[0];
  }

  private one(type: string, which: (resource: TemplateResource) => boolean = () => true): [string, TemplateResource] {
    const found = Object.entries(this.template.Resources ?? {}).find(([, resource]) => resource.Type === type && which(resource));
    if (!found) throw new Error(`there is no such ${type} to break`);
    return found;
  }
}
