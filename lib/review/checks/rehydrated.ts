import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Intrinsic } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { type Assembly, type AssemblyStack, everyStack, type TemplateResource } from '../../assembly/cloud-assembly';
import { isObject } from '../../assembly/values';

/** The modules of one CDK: rules know its classes by identity. */
export interface Cdk {
  readonly core: typeof import('aws-cdk-lib');
  readonly include: typeof import('aws-cdk-lib/cloudformation-include');
  readonly constructs: typeof import('constructs');
}

/** Id of what stands for a parent whose own place is taken, and for the stack as a parent. */
const PARENT = '$';

/** A stack whose resources are constructs again. */
export interface RehydratedStack {
  readonly stack: AssemblyStack;
  readonly scope: IConstruct;
  /** Logical id by path in the tree below `scope`. */
  readonly logicalIds: Map<string, string>;
  /** What is in the template only. */
  readonly refused: { readonly logicalId: string; readonly why: string }[];
}

/** A resource, and where its construct stands: the path of its parent below the stack, and its own id. */
interface Placed {
  readonly logicalId: string;
  readonly resource: TemplateResource;
  readonly parent: string[];
  readonly id: string;
}

/** Makes constructs of the resources of every template, each stack alone: a logical id means something in its template only. */
export function rehydrated(assembly: Assembly, cdk: Cdk): RehydratedStack[] {
  const file = join(mkdtempSync(join(tmpdir(), 'scale-tiers-tree-')), 'template.json');
  try {
    return everyStack(assembly).map((stack) => rehydratedStack(stack, cdk, file));
  } finally {
    rmSync(join(file, '..'), { recursive: true, force: true });
  }
}

function rehydratedStack(stack: AssemblyStack, cdk: Cdk, file: string): RehydratedStack {
  const app = new cdk.core.App({ autoSynth: false, treeMetadata: false, context: { 'aws:cdk:disable-stack-trace': true } });
  const { account, region } = stack;
  const scope = new cdk.core.Stack(app, 'Stack', {
    env: {
      ...(account === 'unknown-account' ? {} : { account }),
      ...(region === 'unknown-region' ? {} : { region }),
    },
  });
  const made: RehydratedStack = { stack, scope, logicalIds: new Map(), refused: [] };
  for (const family of families(stack, made)) addFamily(family, made, scope, cdk, file);
  return made;
}

/** Resources by their parents, parents first. Some rules of cdk-nag look at the brothers of a construct, by their ids. */
function families(stack: AssemblyStack, { refused }: RehydratedStack): Placed[][] {
  const byParent = new Map<string, Placed[]>();
  for (const [logicalId, resource] of Object.entries(stack.template.Resources ?? {})) {
    if (!isObject(resource)) {
      refused.push({ logicalId, why: `only CloudFormation knows what ${logicalId} expands to` });
    } else if (resource.Properties !== undefined && (!isObject(resource.Properties) || isFunction(resource.Properties))) {
      refused.push({ logicalId, why: `the Properties of ${logicalId} are no object` });
    } else {
      const segments = segmentsOf(stack, logicalId);
      const parent = segments.slice(0, -1);
      const key = parent.join('/');
      const brothers = byParent.get(key) ?? [];
      const id = segments.at(-1)!;
      const placed = { logicalId, resource, parent, id: brothers.some((other) => other.id === id) ? logicalId : id };
      byParent.set(key, [...brothers, placed]);
    }
  }
  return [...byParent.values()].sort(([left], [right]) => left.parent.length - right.parent.length);
}

/** The construct path below the stack, or the logical id where the assembly does not tell. */
function segmentsOf({ constructPath, constructs }: AssemblyStack, logicalId: string): string[] {
  const path = constructs?.[logicalId]?.path;
  const below = path !== undefined && constructPath !== undefined && path.startsWith(`${constructPath}/`);
  return below ? path.slice(constructPath.length + 1).split('/') : [logicalId];
}

function addFamily(family: Placed[], made: RehydratedStack, root: Construct, cdk: Cdk, file: string): void {
  const [scope, id] = freePlace(root, family[0].parent, cdk);
  try {
    addAll(family, scope, id, made, cdk, file);
  } catch {
    scope.node.tryRemoveChild(id);
    // One that the CDK refuses must not take the others along.
    for (const placed of family) {
      try {
        addAll([placed], scope, `${id}-${placed.logicalId}`, made, cdk, file);
      } catch (error) {
        scope.node.tryRemoveChild(`${id}-${placed.logicalId}`);
        // The CDK names the place in this tree, which nobody knows.
        const why = (error as Error).message.replace(/^Stack\/\S+ (?=\[)/, `${placed.logicalId} `);
        made.refused.push({ logicalId: placed.logicalId, why });
      }
    }
  }
}

/** Where the parent itself goes: its scope and id. It may be there already, as a resource with resources below it. */
function freePlace(root: Construct, path: string[], { constructs }: Cdk): [Construct, string] {
  const id = path.at(-1);
  if (id === undefined) return [root, PARENT];
  let scope = root;
  for (const above of path.slice(0, -1)) scope = childOf(scope, above) ?? new constructs.Construct(scope, above);
  const taken = childOf(scope, id);
  return taken ? [taken, PARENT] : [scope, id];
}

function childOf(scope: Construct, id: string): Construct | undefined {
  return scope.node.tryFindChild(id) as Construct | undefined;
}

/**
 * Puts resources into a parent, which is what reads them. Every intrinsic function goes in whole, as the value of a parameter:
 * so the tree resolves to what stands in the template, functions that the CDK does not know included.
 */
function addAll(family: Placed[], scope: Construct, id: string, made: RehydratedStack, cdk: Cdk, file: string): void {
  const values: Record<string, Intrinsic> = {};
  let count = 0;
  const withParameters = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withParameters);
    if (!isObject(value)) return value;
    if (!isFunction(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withParameters(item)]));
    const name = `Value${count++}`;
    values[name] = new cdk.core.Intrinsic(value, { stackTrace: false });
    return { Ref: name };
  };
  const resources = family.map(({ id: key, resource: { Type, Properties = {} } }) => {
    return [key, { Type, Properties: withParameters(Properties) }];
  });
  const parameters = Object.keys(values).map((name) => [name, { Type: 'String' }]);
  const template = { Parameters: Object.fromEntries(parameters), Resources: Object.fromEntries(resources) };
  writeFileSync(file, JSON.stringify(template));
  const options = { templateFile: file, parameters: values, preserveLogicalIds: false };
  const parent = new cdk.include.CfnInclude(scope, id, options);
  for (const placed of family) {
    const resource = parent.getResource(placed.id);
    resource.overrideLogicalId(placed.logicalId);
    made.logicalIds.set(resource.node.path, placed.logicalId);
  }
}

function isFunction(value: Record<string, unknown>): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0].startsWith('Fn::'));
}
