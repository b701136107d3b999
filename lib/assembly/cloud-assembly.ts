import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CloudAssembly, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';

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

function readStack(directory: string, artifact: CloudFormationStackArtifact): AssemblyStack {
  let template: Template;
  try {
    template = JSON.parse(readFileSync(artifact.templateFullPath, 'utf8'));
  } catch (error) {
    throw new UnusableAssemblyError(
      `template '${artifact.templateFile}' in '${directory}' cannot be read as JSON: ${(error as Error).message}`,
    );
  }
  return {
    artifactId: artifact.id,
    stackName: artifact.stackName,
    region: artifact.environment.region,
    account: artifact.environment.account,
    templateFile: basename(artifact.templateFullPath),
    template,
    dependencies: artifact.dependencies.filter((other) => 'stackName' in other).map((other) => other.id),
    paths: pathsOf(artifact),
  };
}

function pathsOf(artifact: CloudFormationStackArtifact): Record<string, string> {
  const paths: Record<string, string> = {};
  for (const { data, path } of artifact.findMetadataByType('aws:cdk:logicalId')) {
    paths[String(data)] = path.replace(/^\//, '').replace(/\/Resource$/, '');
  }
  return paths;
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
