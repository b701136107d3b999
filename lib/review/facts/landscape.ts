import type { Assembly, AssemblyStack, TemplateResource } from '../../assembly/cloud-assembly';
import { referencesIn } from '../../assembly/references';
import { type ResolvedTemplate, resolvedTemplate } from '../../assembly/resolved';
import { isObject, items } from '../../assembly/values';
import { deployments } from '../template/deployments';

/** A resource, with everything in its properties worked out that the template tells by itself. */
export interface Thing {
  readonly stack: AssemblyStack;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Record<string, unknown>;
  readonly resource: TemplateResource;
}

interface Parent {
  readonly stack: AssemblyStack;
  /** Of the `AWS::CloudFormation::Stack` in the parent. */
  readonly logicalId: string;
}

/** All resources of an assembly, and the ways between them: through outputs, exports, nested stacks and CDK's own readers. */
export class Landscape {
  /** Stacks, nested ones after their parents. */
  public readonly stacks: AssemblyStack[] = [];
  public readonly things: Thing[] = [];
  private readonly templates = new Map<AssemblyStack, ResolvedTemplate>();
  private readonly byType = new Map<string, Thing[]>();
  /** Facts ask about the same values again and again. */
  private readonly known = new WeakMap<object, Map<AssemblyStack, Thing[]>>();
  private readonly byId = new Map<AssemblyStack, Map<string, Thing>>();
  private readonly parents = new Map<AssemblyStack, Parent>();

  private readonly alternatives: Assembly[];

  constructor(assembly: Assembly) {
    this.alternatives = deployments(assembly);
    for (const stack of assembly.stacks) this.add(stack);
  }

  /** Resources of the given types. */
  public ofType(...types: string[]): Thing[] {
    if (types.length === 1) return this.byType.get(types[0]) ?? [];
    // In the order of the templates, whatever the order of the types.
    return this.things.filter(({ type }) => types.includes(type));
  }

  public thing(stack: AssemblyStack, logicalId: string): Thing | undefined {
    return this.byId.get(stack)?.get(logicalId);
  }

  /** The resources that a value leads to, each once. */
  public behind(value: unknown, stack: AssemblyStack): Thing[] {
    if (typeof value !== 'object' || value === null) return [];
    const byStack = this.known.get(value) ?? new Map<AssemblyStack, Thing[]>();
    let result = byStack.get(stack);
    if (!result) {
      const found = new Set<Thing>();
      this.collect(value, stack, found, 0);
      result = [...found];
      this.known.set(value, byStack.set(stack, result));
    }
    return result;
  }

  /** The first of them that is of one of the types. */
  public firstBehind(value: unknown, stack: AssemblyStack, ...types: string[]): Thing | undefined {
    return this.behind(value, stack).find(({ type }) => types.includes(type));
  }

  /** Resources of a type, one of whose properties leads to a resource. */
  public referrers(target: Thing, type: string, property: string): Thing[] {
    return this.ofType(type).filter((thing) => this.behind(thing.properties[property], thing.stack).includes(target));
  }

  /** The resource of a type whose name, as literally given in its template, stands in a text. */
  public named(text: unknown, type: string, nameProperty: string, stack: AssemblyStack): Thing | undefined {
    if (typeof text !== 'string') return undefined;
    const names = this.ofType(type).filter((thing) => {
      const name = thing.properties[nameProperty];
      return typeof name === 'string' && text.split(/[:/]|\.s3[.-]/).includes(name);
    });
    return this.beside(names, stack, (thing) => thing.stack)[0];
  }

  /** Of candidates, those that may be deployed beside a stack: stages 1, 2, 3 and 4 of a product are never. */
  public beside<T>(candidates: T[], stack: AssemblyStack, stackOf: (candidate: T) => AssemblyStack): T[] {
    const own = candidates.filter((candidate) => this.deploymentOf(stackOf(candidate)) === this.deploymentOf(stack));
    return own.length > 0 ? own : candidates;
  }

  private deploymentOf(stack: AssemblyStack): Assembly | undefined {
    const parent = this.parents.get(stack);
    return parent ? this.deploymentOf(parent.stack) : this.alternatives.find(({ stacks }) => stacks.includes(stack));
  }

  private add(stack: AssemblyStack, parent?: Parent): void {
    this.stacks.push(stack);
    const template = resolvedTemplate(stack, stack);
    const ids = new Map<string, Thing>();
    this.templates.set(stack, template);
    this.byId.set(stack, ids);
    if (parent) this.parents.set(stack, parent);
    for (const [logicalId, resource] of Object.entries(template.resources)) {
      if (template.conditionOf(logicalId) === false) continue;
      for (const made of madeBy(resource)) {
        const thing = { stack, logicalId, type: made.Type, properties: made.Properties ?? {}, resource: made };
        this.things.push(thing);
        this.byType.set(thing.type, [...(this.byType.get(thing.type) ?? []), thing]);
        ids.set(logicalId, thing);
      }
    }
    for (const [logicalId, nested] of Object.entries(stack.nested ?? {})) this.add(nested, { stack, logicalId });
  }

  private collect(value: unknown, stack: AssemblyStack, found: Set<Thing>, depth: number): void {
    // Outputs may pass an output on; a circle of outputs cannot be deployed, but must not hang the review.
    if (typeof value !== 'object' || value === null || depth > 12) return;
    if (Array.isArray(value)) {
      for (const item of value) this.collect(item, stack, found, depth);
      return;
    }
    const entries = Object.entries(value);
    if (entries.length === 1) this.follow(entries[0][0], entries[0][1], stack, found, depth);
    for (const [, child] of entries) this.collect(child, stack, found, depth);
  }

  private follow(key: string, argument: unknown, stack: AssemblyStack, found: Set<Thing>, depth: number): void {
    if (key !== 'Ref' && !key.startsWith('Fn::')) return;
    if (key === 'Fn::GetAtt' && this.followAttribute(argument, stack, found, depth)) return;
    // What stands inside is looked at by itself: here only where this one function leads.
    const shallow = key === 'Fn::Sub' || !Array.isArray(argument) ? argument : key === 'Fn::GetAtt' ? argument : undefined;
    if (shallow === undefined) return;
    for (const reference of referencesIn({ [key]: shallow }, stack)) {
      if (reference.kind === 'resource') {
        const thing = this.thing(stack, reference.logicalId);
        if (thing) found.add(thing);
        else this.followParameter(reference.logicalId, stack, found, depth);
      } else {
        const producers = this.stacks.filter((producer) =>
          reference.kind === 'output'
            ? producer.stackName === reference.stackName && producer.region === reference.region
            : producer.region === stack.region && this.exported(producer, reference.name) !== undefined,
        );
        for (const producer of this.beside(producers, stack, (candidate) => candidate)) {
          const output =
            reference.kind === 'output'
              ? this.templates.get(producer)?.outputs[reference.outputName]
              : this.exported(producer, reference.name);
          this.collect(output?.Value, producer, found, depth + 1);
        }
      }
    }
  }

  private exported(producer: AssemblyStack, name: string): Record<string, unknown> | undefined {
    return Object.values(this.templates.get(producer)?.outputs ?? {}).find(
      ({ Export }) => isObject(Export) && Export.Name === name,
    );
  }

  /** A parameter of a nested stack is what its parent hands in. */
  private followParameter(name: string, stack: AssemblyStack, found: Set<Thing>, depth: number): void {
    const parent = this.parents.get(stack);
    const parameters = parent && this.thing(parent.stack, parent.logicalId)?.properties.Parameters;
    if (parent && isObject(parameters)) this.collect(parameters[name], parent.stack, found, depth + 1);
  }

  /** Outputs of nested stacks, and what CDK's `crossRegionReferences` carries through SSM parameters. */
  private followAttribute(argument: unknown, stack: AssemblyStack, found: Set<Thing>, depth: number): boolean {
    const [logicalId, attribute] = items(argument).map(String);
    const owner = logicalId === undefined ? undefined : this.thing(stack, logicalId);
    if (!owner || attribute === undefined) return false;
    const nested = stack.nested?.[logicalId];
    if (nested && attribute.startsWith('Outputs.')) {
      this.collect(this.templates.get(nested)?.outputs[attribute.slice('Outputs.'.length)]?.Value, nested, found, depth + 1);
      return true;
    }
    if (owner.type !== 'Custom::CrossRegionExportReader') return false;
    const writers = this.ofType('Custom::CrossRegionExportWriter').filter(({ properties }) => {
      const { WriterProps } = properties;
      return isObject(WriterProps) && isObject(WriterProps.exports) && attribute in WriterProps.exports;
    });
    for (const writer of this.beside(writers, stack, (thing) => thing.stack)) {
      const { exports } = writer.properties.WriterProps as { exports: Record<string, unknown> };
      this.collect(exports[attribute], writer.stack, found, depth + 1);
    }
    return true;
  }
}

/** An `Fn::ForEach` stands among the resources as a list: what it makes counts once. */
function madeBy(resource: TemplateResource): TemplateResource[] {
  if (!Array.isArray(resource)) return typeof resource?.Type === 'string' ? [resource] : [];
  const body: unknown = resource[2];
  return isObject(body) ? Object.values(body).flatMap((made) => madeBy(made as TemplateResource)) : [];
}

const landscapes = new WeakMap<Assembly, Landscape>();

/** The landscape of an assembly, drawn once: every fact looks at it. */
export function landscapeOf(assembly: Assembly): Landscape {
  const known = landscapes.get(assembly) ?? new Landscape(assembly);
  landscapes.set(assembly, known);
  return known;
}
