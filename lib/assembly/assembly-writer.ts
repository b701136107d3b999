import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Assembly, type AssemblyStack, type Template, UnusableAssemblyError } from './cloud-assembly';

type JsonObject = Record<string, unknown>;

interface Artifact {
  readonly type: string;
  properties?: JsonObject;
  dependencies?: string[];
  additionalMetadataFile?: string;
  metadata?: Record<string, { type: string; data?: unknown }[]>;
}

interface Manifest extends JsonObject {
  artifacts?: Record<string, Artifact>;
}

interface FileAsset {
  source: { path?: string; executable?: string[] };
  destinations: Record<string, { objectKey: string }>;
}

interface ImageAsset {
  source: { directory?: string; executable?: string[] };
}

interface AssetManifest extends JsonObject {
  files?: Record<string, FileAsset>;
  dockerImages?: Record<string, ImageAsset>;
}

/**
 * Writes an assembly, whose templates may differ from the files in its directory or from whose stacks some may be missing,
 * as a folder that `cdk deploy --app FOLDER --all` can deploy.
 *
 * Everything but the templates is copied from the assembly's directory. The copy needs nothing outside of itself: assets that
 * lie beside the assembly (a stage's assets lie in the parent folder) are copied into it. An altered template gets its new
 * hash wherever the old one stood, because the CDK does not upload a template whose object key is already in the bucket.
 *
 * @param assembly the assembly to write; its `directory` is the folder to copy from
 * @param directory folder to write
 * @throws UnusableAssemblyError if the folder exists and is not empty, or the assembly's directory cannot be read
 */
export function writeAssembly(assembly: Assembly, directory: string): void {
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new UnusableAssemblyError(
      `'${directory}' is not empty: give a new folder, so that nothing of an earlier plan is deployed`,
    );
  }
  const stacks = new Map(assembly.stacks.map((stack) => [stack.artifactId, stack]));
  copyAssembly(assembly.directory, directory, { root: directory, stacks });
}

interface Copy {
  /** The folder of the outermost assembly that is written: foreign assets go there. */
  readonly root: string;
  readonly stacks: Map<string, AssemblyStack>;
}

function copyAssembly(from: string, to: string, copy: Copy): void {
  mkdirSync(to, { recursive: true });
  const manifest = readJson<Manifest>(join(from, 'manifest.json'));
  if (existsSync(join(from, 'cdk.out'))) cpSync(join(from, 'cdk.out'), join(to, 'cdk.out'));

  const artifacts = manifest.artifacts ?? {};
  const kept: Record<string, Artifact> = {};
  const gone = goneArtifacts(artifacts, copy.stacks);
  const templates = new Map<string, Template>();
  for (const [id, artifact] of Object.entries(artifacts)) {
    // The construct tree would show constructs that the altered templates no longer hold; the CLI does not need it to deploy.
    if (gone.has(id) || artifact.type === 'cdk:tree') continue;
    kept[id] = withoutDependencies(artifact, gone, artifacts);
    if (artifact.type === 'cdk:cloud-assembly') {
      const name = textProperty(artifact, 'directoryName');
      copyAssembly(join(from, name), join(to, name), copy);
    } else if (artifact.type === 'aws:cloudformation:stack') {
      const file = textProperty(artifact, 'templateFile');
      const stack = copy.stacks.get(id)!;
      const altered = !isDeepStrictEqual(readJson(join(from, file)), JSON.parse(serialize(stack.template)));
      if (altered) templates.set(file, stack.template);
      writeTemplate(join(from, file), join(to, file), altered ? stack.template : undefined);
      copyMetadata(kept[id], logicalIds(stack), from, to);
    }
  }

  const renamed = new Map<string, { from: string; to: string }>();
  for (const artifact of Object.values(kept)) {
    if (artifact.type !== 'cdk:asset-manifest') continue;
    const file = textProperty(artifact, 'file');
    const assets = readJson<AssetManifest>(join(from, file));
    copyAssets(assets, from, to, copy.root);
    for (const [template, content] of templates) rehash(assets, template, sha256(serialize(content)), renamed);
    writeFileSync(join(to, file), serialize(assets));
  }
  for (const artifact of Object.values(kept)) {
    if (artifact.type !== 'aws:cloudformation:stack') continue;
    const hash = renamed.get(textProperty(artifact, 'templateFile'));
    const url = artifact.properties?.stackTemplateAssetObjectUrl;
    if (hash === undefined || typeof url !== 'string') continue;
    artifact.properties = { ...artifact.properties, stackTemplateAssetObjectUrl: url.replaceAll(hash.from, hash.to) };
  }
  writeFileSync(join(to, 'manifest.json'), serialize({ ...manifest, artifacts: kept }));
}

/** Stacks that the assembly no longer has, with the asset manifests that only they needed. */
function goneArtifacts(artifacts: Record<string, Artifact>, stacks: Map<string, AssemblyStack>): Set<string> {
  const gone = new Set<string>();
  for (const [id, artifact] of Object.entries(artifacts)) {
    if (artifact.type === 'aws:cloudformation:stack' && !stacks.has(id)) gone.add(id);
  }
  for (const [id, artifact] of Object.entries(artifacts)) {
    if (artifact.type !== 'cdk:asset-manifest') continue;
    const users = Object.entries(artifacts).filter(
      ([, other]) => other.type === 'aws:cloudformation:stack' && other.dependencies?.includes(id),
    );
    if (users.length > 0 && users.every(([user]) => gone.has(user))) gone.add(id);
  }
  return gone;
}

/** What depended on something that left depends on what that depended on: the order of the rest stays. */
function withoutDependencies(artifact: Artifact, gone: Set<string>, artifacts: Record<string, Artifact>): Artifact {
  const left = (ids: string[]): string[] => ids.flatMap((id) => (gone.has(id) ? left(artifacts[id].dependencies ?? []) : [id]));
  return artifact.dependencies ? { ...artifact, dependencies: [...new Set(left(artifact.dependencies))] } : { ...artifact };
}

function writeTemplate(from: string, to: string, altered: Template | undefined): void {
  if (altered) writeFileSync(to, serialize(altered));
  else cpSync(from, to);
}

/** Everything that the stack's template, and those of its nested stacks, name. */
function logicalIds({ template, nested }: AssemblyStack): Set<string> {
  const own = [template.Resources, template.Outputs, template.Parameters, template.Conditions, template.Rules, template.Mappings];
  const below = Object.values(nested ?? {}).flatMap((stack) => [...logicalIds(stack)]);
  return new Set([...own.flatMap((section) => Object.keys(section ?? {})), ...below]);
}

/** Leaves out the metadata of logical ids that the template no longer holds. */
function copyMetadata(artifact: Artifact, ids: Set<string>, from: string, to: string): void {
  const known = (metadata: NonNullable<Artifact['metadata']>) =>
    Object.fromEntries(
      Object.entries(metadata).filter(([, entries]) => {
        const logicalId = entries.find((entry) => entry.type === 'aws:cdk:logicalId')?.data;
        return typeof logicalId !== 'string' || ids.has(logicalId);
      }),
    );
  if (artifact.metadata) artifact.metadata = known(artifact.metadata);
  const file = artifact.additionalMetadataFile;
  if (file) writeFileSync(join(to, file), serialize(known(readJson(join(from, file)))));
}

/** Copies the files behind an asset manifest and makes its paths point to the copies. */
function copyAssets(assets: AssetManifest, from: string, to: string, root: string): void {
  const copied = (path: string): string => {
    const source = resolve(from, path);
    const inside = !relative(resolve(from), source).startsWith('..');
    const target = inside ? resolve(to, path) : resolve(root, basename(source));
    // A template is written by writeTemplate, not copied.
    if (!existsSync(target)) {
      mkdirSync(dirname(target), { recursive: true });
      cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    }
    return relative(resolve(to), target);
  };
  for (const { source } of Object.values(assets.files ?? {})) {
    if (source.path !== undefined) source.path = copied(source.path);
  }
  for (const { source } of Object.values(assets.dockerImages ?? {})) {
    if (source.directory !== undefined) source.directory = copied(source.directory);
  }
}

/** Gives the template's file asset the id and object key of its new content. */
function rehash(
  assets: AssetManifest,
  templateFile: string,
  hash: string,
  renamed: Map<string, { from: string; to: string }>,
): void {
  const files = assets.files ?? {};
  const old = Object.keys(files).find((id) => files[id].source.path === templateFile);
  if (old === undefined) return;
  const asset = files[old];
  for (const destination of Object.values(asset.destinations))
    destination.objectKey = destination.objectKey.replaceAll(old, hash);
  delete files[old];
  files[hash] = asset;
  renamed.set(templateFile, { from: old, to: hash });
}

function textProperty(artifact: Artifact, name: string): string {
  const value = artifact.properties?.[name];
  if (typeof value !== 'string') {
    throw new UnusableAssemblyError(`an artifact of type '${artifact.type}' has no '${name}' in the manifest`);
  }
  return value;
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The CDK writes its templates with one space, too. */
function serialize(value: unknown): string {
  return JSON.stringify(value, undefined, 1);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
