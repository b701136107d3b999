import type { Stack, StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type Assembly, type AssemblyStack, readAssembly, type TemplateResource } from '../../lib/assembly/cloud-assembly';
import { type AnyStageProps, synthStage } from '../synth-stages';

/** Kept when it leaves the template, and when CloudFormation would replace it. */
export const RETAINED = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };

/** The same for what has a name: it goes when its first deploy fails, and would else block its own name. */
export const RETAINED_WITH_NAME = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };

/** A stage as it was synthesized, ready to be looked at. */
export interface Synthesized {
  readonly assembly: Assembly;
  /** The product's own stack. */
  readonly primary: Template;
  /** Every stack, by its name. */
  readonly byName: Record<string, Template>;
}

/** A resource and where it stands. */
export interface LocatedResource {
  readonly stack: AssemblyStack;
  readonly logicalId: string;
  readonly resource: TemplateResource;
  readonly properties: Record<string, unknown>;
}

/** What a stage is synthesized with. */
export type PropsOfStack = Partial<AnyStageProps> | ((stack: Stack) => Partial<AnyStageProps>);

/** Stages as they come, which many tests look at. */
const asTheyCome = new Map<number, Synthesized>();

/** Synthesizes a stage and reads its assembly back; a stage as it comes only once for a test file. */
export function synthesized(
  stage: number,
  props?: PropsOfStack,
  options?: StackProps & { context?: Record<string, unknown> },
): Synthesized {
  if (props ?? options) return synthesize(stage, props, options);
  const known = asTheyCome.get(stage) ?? synthesize(stage);
  asTheyCome.set(stage, known);
  return known;
}

function synthesize(stage: number, ...[props, options]: [PropsOfStack?, StackProps?]): Synthesized {
  const assembly = readAssembly(synthStage(stage, props, options));
  const template = (stack: AssemblyStack) => Template.fromJSON(stack.template as Record<string, unknown>);
  const byName = Object.fromEntries(assembly.stacks.map((stack) => [stack.stackName, template(stack)]));
  return { assembly, primary: byName.Shop, byName };
}

/** Every resource of every stack. */
export function resources({ stacks }: Assembly, type?: string): LocatedResource[] {
  return stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources ?? {})
      .filter(([, resource]) => type === undefined || resource.Type === type)
      .map(([logicalId, resource]) => ({ stack, logicalId, resource, properties: resource.Properties ?? {} })),
  );
}

/** The properties of the one resource of a type. */
export function only(template: Template, type: string): Record<string, unknown> {
  const found = Object.values(template.findResources(type));
  if (found.length !== 1) throw new Error(`expected one ${type}, found ${found.length}`);
  return found[0].Properties;
}

/** The record of the site: what it points at. */
export function siteRecord(template: Template): Record<string, unknown>[] {
  return Object.values(template.findResources('AWS::Route53::RecordSet'))
    .map(({ Properties }) => Properties)
    .filter(({ Name }) => Name === 'shop.example.com.');
}

/** Names of the variables of every container, by `PROCESS_TYPE` and Region. */
export function containerVariables({ assembly }: Synthesized): Record<string, string[]> {
  const found = resources(assembly, 'AWS::ECS::TaskDefinition').map(({ stack, properties }) => {
    const [container] = properties.ContainerDefinitions as ContainerDefinition[];
    const process = container.Environment.find(({ Name }) => Name === 'PROCESS_TYPE')?.Value;
    const names = [...container.Environment, ...container.Secrets].map(({ Name }) => Name);
    return [`${process} in ${stack.region}`, names.sort()];
  });
  return Object.fromEntries(found);
}

/** A container as a task definition spells it. */
export interface ContainerDefinition {
  readonly Environment: { readonly Name: string; readonly Value: unknown }[];
  readonly Secrets: { readonly Name: string }[];
}

/** What the server's release parameter says, as text. */
export function serverRelease(template: Template): string {
  const found = Object.values(template.findResources('AWS::SSM::Parameter')).filter(({ Properties }) =>
    String(Properties.Description).startsWith('What the server runs'),
  );
  if (found.length !== 1) throw new Error(`expected one release parameter, found ${found.length}`);
  return JSON.stringify(found[0].Properties.Value);
}
