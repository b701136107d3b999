import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { readAssembly, UnusableAssemblyError } from '../../lib/assembly/cloud-assembly';

const env = { account: '111111111111', region: 'us-east-1' };
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assembly-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A stage with two stacks, declared in the opposite order of their deployment. */
function synthesize(): void {
  const app = new App({ outdir: directory });
  const stage = new Stage(app, 'stage2', { env });
  const shop = new Stack(stage, 'Shop', { stackName: 'Shop' });
  const edge = new Stack(stage, 'Edge', { stackName: 'ShopEdge' });
  new Bucket(edge, 'Assets');
  new Queue(shop, 'Jobs');
  new Queue(new NestedStack(new NestedStack(shop, 'Nest'), 'Deep'), 'Jobs');
  shop.node.addDependency(edge);
  app.synth();
}

test('reads names, environments, templates and construct paths, in deployment order', () => {
  synthesize();

  const { stacks } = readAssembly(join(directory, 'assembly-stage2'));

  expect(stacks.map(({ stackName, region, account, constructPath }) => [stackName, region, account, constructPath])).toEqual([
    ['ShopEdge', 'us-east-1', '111111111111', 'stage2/Edge'],
    ['Shop', 'us-east-1', '111111111111', 'stage2/Shop'],
  ]);
  expect(stacks[1].dependencies).toEqual([stacks[0].artifactId]);
  const [bucketId] = Object.keys(stacks[0].template.Resources!);
  expect(stacks[0].template.Resources![bucketId].Type).toBe('AWS::S3::Bucket');
  expect(stacks[0].paths[bucketId]).toBe('stage2/Edge/Assets');
  expect(stacks[0].nested).toBeUndefined();
});

test('reads the stacks of stages from the folder above them, too', () => {
  synthesize();

  expect(readAssembly(directory).stacks.map(({ stackName }) => stackName)).toEqual(['ShopEdge', 'Shop']);
});

test('reads nested stacks, each with the paths of its own resources', () => {
  synthesize();

  const shop = readAssembly(directory).stacks[1];
  const nest = Object.values(shop.nested!)[0];
  const deep = Object.values(nest.nested!)[0];

  expect(Object.values(deep.template.Resources!).map(({ Type }) => Type)).toEqual(['AWS::SQS::Queue']);
  expect(Object.values(deep.paths)).toEqual(['stage2/Shop/Nest/Deep/Jobs']);
  expect(Object.values(shop.paths)).toContain('stage2/Shop/Jobs');
  expect(Object.values(shop.paths)).not.toContain('stage2/Shop/Nest/Deep/Jobs');
});

test('an environment-agnostic stack says so', () => {
  const app = new App({ outdir: directory });
  new Queue(new Stack(app, 'Shop'), 'Jobs');
  app.synth();

  expect(readAssembly(directory).stacks[0]).toMatchObject({ region: 'unknown-region', account: 'unknown-account' });
});

describe('unusable input', () => {
  function complaint(): string {
    try {
      readAssembly(directory);
    } catch (error) {
      expect(error).toBeInstanceOf(UnusableAssemblyError);
      return (error as Error).message.replaceAll(directory, 'DIR');
    }
    return 'none';
  }

  function templateFile(): string {
    return join(directory, readdirSync(directory).find((name) => name.endsWith('.template.json'))!);
  }

  beforeEach(() => {
    const app = new App({ outdir: directory });
    new Queue(new Stack(app, 'Shop'), 'Jobs');
    app.synth();
  });

  test('a missing folder, or one without a manifest', () => {
    rmSync(join(directory, 'manifest.json'));

    expect(complaint()).toBe(
      "'DIR' is not a cloud assembly (it has no manifest.json), give a folder that cdk synth wrote, such as cdk.out/assembly-stage2",
    );
    expect(() => readAssembly(join(directory, 'nowhere'))).toThrow('is not a cloud assembly');
  });

  test.each([
    ['broken JSON', '{'],
    ['no manifest', '[]'],
    ['an empty object', '{}'],
    ['text', '"hello"'],
    ['artifacts of another kind', '{"version":"1.0.0","artifacts":{"Shop":{"type":"aws:cloudformation:stack"}}}'],
  ])('a manifest that is %s', (_, content) => {
    writeFileSync(join(directory, 'manifest.json'), content);

    expect(complaint()).toMatch(/^'DIR' holds a cloud assembly that cannot be read: .+/);
    expect(complaint()).not.toContain('\n');
  });

  test('a missing template', () => {
    rmSync(templateFile());

    expect(complaint()).toMatch(/^template 'Shop\.template\.json' in 'DIR' cannot be read as JSON: ENOENT/);
  });

  test('a template in broken JSON', () => {
    writeFileSync(templateFile(), readFileSync(templateFile(), 'utf8').slice(0, 100));

    expect(complaint()).toMatch(/^template 'Shop\.template\.json' in 'DIR' cannot be read as JSON: /);
  });

  test.each(['[]', 'null', '3'])('a template that is %s', (content) => {
    writeFileSync(templateFile(), content);

    expect(complaint()).toBe("template 'Shop.template.json' in 'DIR' is no CloudFormation template");
  });

  test('a resource without a type', () => {
    writeFileSync(templateFile(), '{"Resources":{"Jobs":{}}}');

    expect(complaint()).toBe("resource 'Jobs' of template 'Shop.template.json' in 'DIR' has no Type");
  });

  test('a folder in place of the manifest', () => {
    rmSync(join(directory, 'manifest.json'));
    mkdirSync(join(directory, 'manifest.json'));

    expect(complaint()).toMatch(/cannot be read/);
  });
});
