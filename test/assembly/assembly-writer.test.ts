import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { App, CfnOutput, Stack, Stage } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import { writeAssembly } from '../../lib/assembly/assembly-writer';
import { type Assembly, readAssembly } from '../../lib/assembly/cloud-assembly';

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'writer-'));
});
afterEach(() => {
  rmSync(work, { recursive: true });
});

/** A stage with a folder asset, a zip asset, and a second stack that depends on the first. */
function synthesize(): string {
  mkdirSync(join(work, 'site'));
  writeFileSync(join(work, 'site', 'index.html'), 'hello');
  writeFileSync(join(work, 'code.zip'), 'PK');
  const app = new App({ outdir: join(work, 'cdk.out') });
  const stage = new Stage(app, 'stage4', { env: { account: '111111111111', region: 'us-east-1' } });
  const shop = new Stack(stage, 'Shop', { stackName: 'Shop' });
  const bucket = new s3.Bucket(shop, 'Assets');
  new s3.Bucket(shop, 'Later');
  new CfnOutput(shop, 'AssetsName', { value: bucket.bucketName });
  new assets.Asset(shop, 'Site', { path: join(work, 'site') });
  new assets.Asset(shop, 'Code', { path: join(work, 'code.zip') });
  const edge = new Stack(stage, 'Edge', { stackName: 'Edge' });
  new s3.Bucket(edge, 'Logs');
  edge.addStackDependency(shop);
  const last = new Stack(stage, 'Last', { stackName: 'Last' });
  new s3.Bucket(last, 'Logs');
  last.addStackDependency(edge);
  app.synth();
  return join(work, 'cdk.out', 'assembly-stage4');
}

function withoutLater(assembly: Assembly): Assembly {
  return {
    ...assembly,
    stacks: assembly.stacks.map((stack) => {
      const Resources = Object.fromEntries(
        Object.entries(stack.template.Resources ?? {}).filter(([id]) => !id.startsWith('Later')),
      );
      return { ...stack, template: { ...stack.template, Resources } };
    }),
  };
}

function json(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

describe('writeAssembly', () => {
  test('an unaltered assembly keeps its templates byte for byte', () => {
    const source = synthesize();
    const target = join(work, 'plan', '1');
    writeAssembly(readAssembly(source), target);
    const template = readAssembly(source).stacks[0].templateFile;
    expect(readFileSync(join(target, template), 'utf8')).toBe(readFileSync(join(source, template), 'utf8'));
    expect(json(join(target, 'manifest.json'))).toEqual(json(join(source, 'manifest.json')));
  });

  test('the copy needs nothing outside of itself: assets of the parent folder are copied in', () => {
    const source = synthesize();
    const target = join(work, 'plan', '1');
    writeAssembly(readAssembly(source), target);
    rmSync(join(work, 'cdk.out'), { recursive: true });
    const manifests = files(target).filter((file) => file.endsWith('.assets.json'));
    expect(manifests).toHaveLength(3);
    let checked = 0;
    for (const manifest of manifests) {
      for (const { source: asset } of Object.values<{ source: { path: string } }>(json(join(target, manifest)).files)) {
        const path = resolve(target, dirname(manifest), asset.path);
        expect(path.startsWith(resolve(target))).toBe(true);
        expect(existsSync(path)).toBe(true);
        checked++;
      }
    }
    expect(checked).toBe(5);
    expect(files(target)).toContainEqual(expect.stringMatching(/^asset\.[0-9a-f]+\/index\.html$/));
    expect(files(target)).toContainEqual(expect.stringMatching(/^asset\.[0-9a-f]+\.zip$/));
  });

  test('an altered template has its new hash wherever the old one stood, or the CDK would not upload it', () => {
    const source = synthesize();
    const target = join(work, 'plan', '1');
    writeAssembly(withoutLater(readAssembly(source)), target);

    const stack = readAssembly(target).stacks[0];
    expect(Object.keys(stack.template.Resources ?? {}).filter((id) => id.startsWith('Later'))).toEqual([]);
    const hash = createHash('sha256')
      .update(readFileSync(join(target, stack.templateFile)))
      .digest('hex');
    const old = createHash('sha256')
      .update(readFileSync(join(source, stack.templateFile)))
      .digest('hex');
    expect(hash).not.toBe(old);
    const { properties } = json(join(target, 'manifest.json')).artifacts[stack.artifactId];
    expect(properties.stackTemplateAssetObjectUrl).toBe(`s3://cdk-hnb659fds-assets-111111111111-us-east-1/${hash}.json`);
    const published = json(join(target, `${stack.artifactId}.assets.json`)).files[hash];
    expect(published.source.path).toBe(stack.templateFile);
    expect(Object.values<{ objectKey: string }>(published.destinations).map(({ objectKey }) => objectKey)).toEqual([
      `${hash}.json`,
    ]);
    const everything = files(target)
      .filter((file) => file.endsWith('.json'))
      .map((file) => readFileSync(join(target, file), 'utf8'));
    expect(everything.join().includes(old)).toBe(false);
  });

  test('metadata of resources that left goes with them, the rest stays', () => {
    const target = join(work, 'plan', '1');
    writeAssembly(withoutLater(readAssembly(synthesize())), target);
    const paths = Object.values(readAssembly(target).stacks[0].paths);
    expect(paths).toContain('stage4/Shop/Assets');
    expect(paths).not.toContain('stage4/Shop/Later');
  });

  test('a stack that left is gone from the manifest, and nothing depends on it any more', () => {
    const source = readAssembly(synthesize());
    const target = join(work, 'plan', '1');
    writeAssembly({ ...source, stacks: source.stacks.filter(({ stackName }) => stackName !== 'Edge') }, target);
    const written = readAssembly(target);
    expect(written.stacks.map(({ stackName }) => stackName)).toEqual(['Shop', 'Last']);
    const edge = source.stacks[1].artifactId;
    expect(readFileSync(join(target, 'manifest.json'), 'utf8').includes(edge)).toBe(false);
    expect(files(target).filter((file) => file.includes(edge))).toEqual([]);
  });

  test('a whole cdk.out is written with its nested assemblies', () => {
    synthesize();
    const target = join(work, 'plan', '1');
    writeAssembly(withoutLater(readAssembly(join(work, 'cdk.out'))), target);
    const written = readAssembly(target);
    expect(written.stacks.map(({ stackName }) => stackName)).toEqual(['Shop', 'Edge', 'Last']);
    const published = json(join(target, 'assembly-stage4', `${written.stacks[0].artifactId}.assets.json`)).files;
    for (const { source: asset } of Object.values<{ source: { path: string } }>(published)) {
      expect(existsSync(resolve(target, 'assembly-stage4', asset.path))).toBe(true);
    }
  });

  test('the CDK command line reads what was written', () => {
    const source = readAssembly(synthesize());
    const target = join(work, 'plan', '1');
    writeAssembly(withoutLater({ ...source, stacks: source.stacks.slice(0, 2) }), target);
    const cdk = join(__dirname, '..', '..', 'node_modules', 'aws-cdk', 'bin', 'cdk');
    const listed = execFileSync(process.execPath, [cdk, 'ls', '--app', target, '--no-notices'], { cwd: work, encoding: 'utf8' });
    expect(listed.trim().split('\n')).toEqual(['stage4/Shop (Shop)', 'stage4/Edge (Edge)']);
  }, 60_000);

  test('a folder that is not empty is refused', () => {
    const source = readAssembly(synthesize());
    expect(() => writeAssembly(source, work)).toThrow(
      `'${work}' is not empty: give a new folder, so that nothing of an earlier plan is deployed`,
    );
  });
});
