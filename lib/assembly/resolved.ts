import type { AssemblyStack, TemplateResource } from './cloud-assembly';
import { isObject, sameValue } from './values';

/** What a template says once everything is worked out that it tells by itself. */
export interface ResolvedTemplate {
  readonly resources: Record<string, TemplateResource>;
  readonly outputs: Record<string, Record<string, unknown>>;
  /** The condition of a resource: true where it has none, and the worked-out expression where its outcome is not known. */
  readonly conditionOf: (logicalId: string) => unknown;
}

/** Where a template is deployed, as far as either side of a comparison knows. */
export interface Environment {
  readonly region: string;
  readonly account: string;
}

/** Its name and its template. */
export type TemplateOfStack = Pick<AssemblyStack, 'stackName' | 'template'>;

/** Asked of every value of a template. */
function isNoValue(value: unknown): boolean {
  return isObject(value) && value.Ref === 'AWS::NoValue' && Object.keys(value).length === 1;
}

/**
 * Works out what does not depend on anything outside of the template: mappings, conditions between constants, region and
 * account, text put together from constants, and `AWS::NoValue`. Two templates that spell one thing in two ways become equal,
 * and two that mean different things by the same text become different. What only a deploy knows, parameters among it, stays.
 *
 * The result is for comparing only: what is left of a condition or a mapping stands where its name stood, which no template
 * may say.
 */
export function resolvedTemplate(stack: TemplateOfStack, environment: Environment): ResolvedTemplate {
  const resolver = new Resolver(stack, environment);
  const { Resources = {}, Outputs = {} } = stack.template;
  return {
    resources: mapped(Resources, (resource) => resolvedResource(resource, resolver)),
    outputs: mapped(Outputs, (output) => resolver.resolve(output) as Record<string, unknown>),
    conditionOf: (logicalId) => {
      const name = Resources[logicalId]?.Condition;
      return name === undefined ? true : resolver.condition(name);
    },
  };
}

function resolvedResource(resource: TemplateResource, resolver: Resolver): TemplateResource {
  // An `Fn::ForEach` stands among the resources as a list.
  if (Array.isArray(resource)) return resolver.resolve(resource) as unknown as TemplateResource;
  const Properties = resolver.resolve(resource.Properties) as TemplateResource['Properties'];
  return Properties === resource.Properties ? resource : { ...resource, Properties };
}

function mapped<T>(record: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

class Resolver {
  private readonly conditions: Record<string, unknown>;
  private readonly mappings: Record<string, unknown>;
  private readonly pseudo: Record<string, string>;
  private readonly evaluating = new Set<string>();

  constructor(stack: TemplateOfStack, { region, account }: Environment) {
    this.conditions = isObject(stack.template.Conditions) ? stack.template.Conditions : {};
    this.mappings = isObject(stack.template.Mappings) ? stack.template.Mappings : {};
    const isNested = stack.stackName.includes('/');
    this.pseudo = {
      ...(region === 'unknown-region' ? {} : { 'AWS::Region': region, 'AWS::Partition': partitionOf(region) }),
      ...(account === 'unknown-account' ? {} : { 'AWS::AccountId': account }),
      ...(isNested ? {} : { 'AWS::StackName': stack.stackName }),
    };
  }

  /** The value itself where nothing in it is worked out: templates are large. */
  public resolve(value: unknown): unknown {
    if (Array.isArray(value)) {
      const resolved = value.map((item) => this.resolve(item)).filter((item) => !isNoValue(item));
      return isSameList(resolved, value) ? value : resolved;
    }
    if (!isObject(value)) return value;
    const entries = Object.entries(value);
    if (entries.length === 1) {
      const [key, argument] = entries[0];
      if (key === 'Ref' || key.startsWith('Fn::')) return this.intrinsic(value, key, argument);
    }
    const resolved = entries
      .map(([key, child]): [string, unknown] => [key, this.resolve(child)])
      .filter(([, child]) => !isNoValue(child));
    const unchanged = resolved.length === entries.length && resolved.every(([, child], index) => child === entries[index][1]);
    return unchanged ? value : Object.fromEntries(resolved);
  }

  /** True, false, or what is left of the condition. */
  public condition(name: unknown): unknown {
    if (typeof name !== 'string' || !(name in this.conditions) || this.evaluating.has(name)) return { Condition: name };
    this.evaluating.add(name);
    const result = this.evaluated(this.conditions[name]);
    this.evaluating.delete(name);
    return result;
  }

  private evaluated(expression: unknown): unknown {
    if (!isObject(expression)) return expression;
    if ('Condition' in expression) return this.condition(expression.Condition);
    const [key, argument] = Object.entries(expression)[0] ?? [];
    const parts = Array.isArray(argument) ? argument : [];
    switch (key) {
      case 'Fn::Equals': {
        const [left, right] = parts.map((part) => this.resolve(part));
        if (sameValue(left, right)) return true;
        return isConstant(left) && isConstant(right) ? false : { [key]: [left, right] };
      }
      case 'Fn::Not': {
        const inner = this.evaluated(parts[0]);
        return typeof inner === 'boolean' ? !inner : { [key]: [inner] };
      }
      case 'Fn::And':
      case 'Fn::Or': {
        const decisive = key === 'Fn::Or';
        const open = parts.map((part) => this.evaluated(part)).filter((part) => part !== !decisive);
        if (open.includes(decisive)) return decisive;
        return open.length === 0 ? !decisive : { [key]: open };
      }
      default:
        return this.resolve(expression);
    }
  }

  private intrinsic(value: Record<string, unknown>, key: string, argument: unknown): unknown {
    switch (key) {
      case 'Ref':
        return typeof argument === 'string' ? (this.pseudo[argument] ?? value) : value;
      case 'Fn::GetAtt':
        return typeof argument === 'string' ? { [key]: splitOnce(argument) } : value;
      case 'Fn::If':
        return this.choice(value, argument);
      case 'Fn::FindInMap':
        return this.lookUp(value, argument);
      case 'Fn::Join':
        return this.joined(value, argument);
      case 'Fn::Sub':
        return this.substituted(value, argument);
      case 'Fn::Select': {
        const [index, list] = Array.isArray(argument) ? argument : [];
        const items = this.resolve(list);
        if (Array.isArray(items) && isConstant(index) && items[Number(index)] !== undefined) return items[Number(index)];
        return this.inside(value, key, argument);
      }
      default:
        return this.inside(value, key, argument);
    }
  }

  private inside(value: Record<string, unknown>, key: string, argument: unknown): unknown {
    const resolved = this.resolve(argument);
    return resolved === argument ? value : { [key]: resolved };
  }

  private choice(value: Record<string, unknown>, argument: unknown): unknown {
    if (!Array.isArray(argument) || argument.length !== 3) return value;
    const outcome = this.condition(argument[0]);
    const [yes, no] = argument.slice(1).map((branch) => this.resolve(branch));
    if (typeof outcome === 'boolean') return outcome ? yes : no;
    return sameValue(yes, no) ? yes : { 'Fn::If': [outcome, yes, no] };
  }

  private lookUp(value: Record<string, unknown>, argument: unknown): unknown {
    if (!Array.isArray(argument)) return value;
    const [name, ...keys] = argument.map((part) => this.resolve(part));
    const map = typeof name === 'string' ? this.mappings[name] : this.mappings;
    let content: unknown = map;
    for (const key of keys.slice(0, 2)) {
      if (typeof key !== 'string' || !isObject(content) || !(key in content))
        return { 'Fn::FindInMap': [content ?? name, ...keys] };
      content = content[key];
    }
    return content ?? { 'Fn::FindInMap': [name, ...keys] };
  }

  private joined(value: Record<string, unknown>, argument: unknown): unknown {
    const [delimiter, list] = Array.isArray(argument) ? argument : [];
    if (typeof delimiter !== 'string' || !Array.isArray(list)) return this.inside(value, 'Fn::Join', argument);
    const parts = (this.resolve(list) as unknown[]).flatMap((part, index) => (index === 0 ? [part] : [delimiter, part]));
    return text(parts);
  }

  private substituted(value: Record<string, unknown>, argument: unknown): unknown {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    if (typeof template !== 'string') return value;
    const parts = template.split(/(\$\{[^}]*\})/).map((part) => {
      const name = /^\$\{([^!}][^}]*)\}$/.exec(part)?.[1].trim();
      if (name === undefined) return part.replace(/^\$\{!/, '$' + '{');
      if (isObject(variables) && name in variables) return this.resolve(variables[name]);
      return this.resolve(name.includes('.') ? { 'Fn::GetAtt': splitOnce(name) } : { Ref: name });
    });
    return text(parts);
  }
}

/** Text put together from parts, with as few of them as possible. */
function text(parts: unknown[]): unknown {
  const flat = parts.flatMap((part) => {
    const inner = isObject(part) ? part['Fn::Join'] : undefined;
    return Array.isArray(inner) && inner[0] === '' && Array.isArray(inner[1]) ? (inner[1] as unknown[]) : [part];
  });
  const merged: unknown[] = [];
  for (const part of flat) {
    const last = merged.at(-1);
    if (part === '') continue;
    if (isConstant(part) && isConstant(last)) merged[merged.length - 1] = `${last}${part}`;
    else merged.push(isConstant(part) ? String(part) : part);
  }
  if (merged.length === 0) return '';
  return merged.length === 1 ? merged[0] : { 'Fn::Join': ['', merged] };
}

function isConstant(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isSameList(left: unknown[], right: unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}

function splitOnce(attribute: string): string[] {
  const dot = attribute.indexOf('.');
  return dot < 0 ? [attribute] : [attribute.slice(0, dot), attribute.slice(dot + 1)];
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
