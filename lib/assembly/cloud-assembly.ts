import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AssetManifestArtifact, CloudAssembly, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { isObject, items } from './values';

/** A CloudFormation resource as it stands in a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DependsOn?: string | string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: Record<string, unknown>;
  readonly Metadata?: Record<string, unknown>;
}

/** A CloudFormation template, as far as this library reads it. */
export interface Template {
  readonly Resources?: Record<string, TemplateResource>;
  readonly Outputs?: Record<string, Record<string, unknown>>;
  readonly Parameters?: Record<string, Record<string, unknown>>;
  readonly [section: string]: unknown;
}

/** One stack of a cloud assembly. Two stacks with the same name and region are the same deployed stack. */
export interface AssemblyStack {
  /** Artifact id in the manifest. */
  readonly artifactId: string;
  /** Name CloudFormation knows the stack by. */
  readonly stackName: string;
  /** Region, or `unknown-region` for an environment-agnostic stack. */
  readonly region: string;
  /** Account, or `unknown-account`. */
  readonly account: string;
  /** Template file name, relative to the assembly's directory. */
  readonly templateFile: string;
  /** The parsed template. */
  readonly template: Template;
  /** Artifact ids of the stacks that deploy before this one. */
  readonly dependencies: string[];
  /** Construct path by logical id, from the assembly's metadata. */
  readonly paths: Record<string, string>;
  /** Construct path of the stack itself, the common start of all `paths`. */
  readonly constructPath?: string;
  /** Its nested stacks, by the logical id of their `AWS::CloudFormation::Stack`. */
  readonly nested?: Record<string, AssemblyStack>;
  /** The template file, with the assembly's directory as it was given. @default - the stack was not read from a file */
  readonly templatePath?: string;
  /** The constructs that made what the template holds, by logical id. @default - the assembly does not tell */
  readonly constructs?: Record<string, ConstructOrigin>;
  /** Policy rules that were set aside in the stack and its nested stacks. @default - none */
  readonly acknowledgements?: WrittenAcknowledgement[];
}

/** Where something in a template comes from. */
export interface ConstructOrigin {
  /** Construct path to the end, such as `Shop/Jobs/Resource`. */
  readonly path: string;
  /** Stack frames of its creation, the innermost first; empty where the app kept none. */
  readonly trace: string[];
}

/** One call that set aside policy rules at a construct. */
export interface WrittenAcknowledgement {
  /** Construct path, to the end. It may be no resource: a block, or the stack. */
  readonly path: string;
  /** Reasons by rule id. */
  readonly rules: Record<string, string>;
  /** Stack frames of the call, the innermost first. @default - the app kept none */
  readonly trace?: string[];
}

/** A cloud assembly: the folder that `cdk synth` writes. */
export interface Assembly {
  /** The folder it was read from. */
  readonly directory: string;
  /** Its stacks, those of nested assemblies included, in deployment order. */
  readonly stacks: AssemblyStack[];
}

/** The input is no cloud assembly, or not one this library can read. The message is meant for the user. */
export class UnusableAssemblyError extends Error {}

/**
 * Reads a cloud assembly.
 *
 * @param directory folder with a `manifest.json`, such as `cdk.out` or `cdk.out/assembly-stage2`
 * @throws UnusableAssemblyError if the folder holds no readable assembly
 */
export function readAssembly(directory: string): Assembly {
  if (!existsSync(join(directory, 'manifest.json'))) {
    throw new UnusableAssemblyError(
      `'${directory}' is not a cloud assembly (it has no manifest.json), give a folder that cdk synth wrote, such as cdk.out/assembly-stage2`,
    );
  }
  let artifacts: CloudFormationStackArtifact[];
  try {
    // A newer CDK may have written the assembly: what is read here has not changed since schema 1.
    artifacts = new CloudAssembly(directory, { skipVersionCheck: true, skipEnumCheck: true }).stacksRecursively;
  } catch (error) {
    throw new UnusableAssemblyError(`'${directory}' holds a cloud assembly that cannot be read: ${(error as Error).message}`);
  }
  return { directory, stacks: inDeploymentOrder(artifacts.map((artifact) => readStack(directory, artifact))) };
}

/** All stacks of an assembly, each before the nested stacks in it. */
export function everyStack(assembly: Assembly): AssemblyStack[] {
  const family = (stack: AssemblyStack): AssemblyStack[] => [stack, ...Object.values(stack.nested ?? {}).flatMap(family)];
  return assembly.stacks.flatMap(family);
}

/** A logical id and the construct that has it. */
interface Named extends ConstructOrigin {
  readonly logicalId: string;
}

function readStack(directory: string, artifact: CloudFormationStackArtifact): AssemblyStack {
  const stack = {
    artifactId: artifact.id,
    stackName: artifact.stackName,
    region: artifact.environment.region,
    account: artifact.environment.account,
    dependencies: artifact.dependencies.filter((other) => 'stackName' in other).map((other) => other.id),
  };
  const traces = new Map(artifact.findMetadataByType('aws:cdk:creationStack').map(({ path, data }) => [path, frames(data)]));
  const named = artifact.findMetadataByType('aws:cdk:logicalId').map(({ data, path, trace }): Named => {
    // Before 2.262 the CDK kept the trace with the logical id.
    return { logicalId: String(data), path: path.replace(/^\//, ''), trace: traces.get(path) ?? frames(trace) };
  });
  const acknowledgements = artifact
    .findMetadataByType('aws:cdk:acknowledged-rules')
    .map(({ path, data, trace }): WrittenAcknowledgement => {
      const rules = Object.entries(isObject(data) ? data : {}).map(([id, reason]) => [id, String(reason)]);
      return { path: path.replace(/^\//, ''), rules: Object.fromEntries(rules), ...(trace ? { trace: frames(trace) } : {}) };
    });
  const template = readTemplate(directory, artifact.templateFullPath);
  const read = withNested(directory, artifact, { ...stack, constructPath: artifact.hierarchicalId }, template, named);
  return acknowledgements.length > 0 ? { ...read, acknowledgements } : read;
}

function frames(trace: unknown): string[] {
  return items(trace).filter((frame) => typeof frame === 'string');
}

/** A stack with the paths of its own resources, and its nested stacks with those of theirs. */
function withNested(
  directory: string,
  artifact: CloudFormationStackArtifact,
  stack: Omit<AssemblyStack, 'template' | 'templateFile' | 'paths' | 'nested'>,
  { file, template }: { file: string; template: Template },
  named: Named[],
): AssemblyStack {
  const ids = new Set(
    [template.Resources, template.Parameters, template.Outputs].flatMap((section) => Object.keys(section ?? {})),
  );
  const nested: Record<string, AssemblyStack> = {};
  let own = named;
  for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
    if (resource?.Type !== 'AWS::CloudFormation::Stack') continue;
    const asset = templateAsset(artifact, resource);
    if (asset === undefined) continue;
    const resourcePath = own.find((one) => one.logicalId === logicalId)?.path;
    // A nested stack `Nest` lies at `Nest`, its AWS::CloudFormation::Stack at `Nest.NestedStack/Nest.NestedStackResource`.
    const constructPath = resourcePath?.replace(/\.NestedStack\/[^/]*$/, '');
    const below = own.filter(({ path }) => constructPath !== undefined && path.startsWith(`${constructPath}/`));
    own = own.filter((entry) => !below.includes(entry));
    const inner = { ...stack, stackName: `${stack.stackName}/${logicalId}`, constructPath, dependencies: [] };
    nested[logicalId] = withNested(directory, artifact, inner, readTemplate(directory, asset), below);
  }
  own = own.filter(({ logicalId }) => ids.has(logicalId));
  return {
    ...stack,
    templateFile: basename(file),
    templatePath: file,
    template,
    paths: Object.fromEntries(own.map(({ logicalId, path }) => [logicalId, path.replace(/\/Resource$/, '')])),
    constructs: Object.fromEntries(own.map(({ logicalId, ...origin }) => [logicalId, origin])),
    ...(Object.keys(nested).length > 0 ? { nested } : {}),
  };
}

function readTemplate(directory: string, file: string): { file: string; template: Template } {
  const name = basename(file);
  let template: unknown;
  try {
    template = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UnusableAssemblyError(`template '${name}' in '${directory}' cannot be read as JSON: ${(error as Error).message}`);
  }
  if (typeof template !== 'object' || template === null || Array.isArray(template)) {
    throw new UnusableAssemblyError(`template '${name}' in '${directory}' is no CloudFormation template`);
  }
  for (const [logicalId, resource] of Object.entries((template as Template).Resources ?? {})) {
    if (typeof resource?.Type === 'string' || Array.isArray(resource)) continue;
    throw new UnusableAssemblyError(`resource '${logicalId}' of template '${name}' in '${directory}' has no Type`);
  }
  return { file, template: template as Template };
}

/** The file behind a nested stack's TemplateURL: an asset, known by the hash in its object key. */
function templateAsset(artifact: CloudFormationStackArtifact, resource: TemplateResource): string | undefined {
  const hash = /[0-9a-f]{64}/.exec(JSON.stringify(resource.Properties?.TemplateURL ?? ''))?.[0];
  if (hash === undefined) return undefined;
  for (const dependency of artifact.dependencies) {
    if (!(dependency instanceof AssetManifestArtifact)) continue;
    const path = dependency.contents.files?.[hash]?.source.path;
    const file = path === undefined ? undefined : join(dirname(dependency.file), path);
    if (file !== undefined && existsSync(file)) return file;
  }
  return undefined;
}

function inDeploymentOrder(stacks: AssemblyStack[]): AssemblyStack[] {
  const byId = new Map(stacks.map((stack) => [stack.artifactId, stack]));
  const ordered = new Set<AssemblyStack>();
  const visit = (stack: AssemblyStack) => {
    if (ordered.has(stack)) return;
    for (const id of stack.dependencies) {
      const dependency = byId.get(id);
      if (dependency) visit(dependency);
    }
    ordered.add(stack);
  };
  stacks.forEach(visit);
  return [...ordered];
}
