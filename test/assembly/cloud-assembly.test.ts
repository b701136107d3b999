import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { everyStack, readAssembly, UnusableAssemblyError } from '../../lib/assembly/cloud-assembly';
import { acknowledge } from '../../lib/blocks/operations/acknowledge';

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

test('tells the template file, and the construct and creation of everything in it', () => {
  synthesize();

  const [edge, shop] = readAssembly(directory).stacks;
  const nested = everyStack({ directory, stacks: [shop] });

  expect(edge.templatePath).toBe(join(directory, 'assembly-stage2', edge.templateFile));
  expect(Object.values(edge.constructs!)).toContainEqual({
    path: 'stage2/Edge/Assets/Resource',
    trace: expect.arrayContaining([expect.stringMatching(/cloud-assembly\.test\.ts:\d+:\d+\)$/)]),
  });
  expect(nested.map(({ constructPath }) => constructPath)).toEqual(['stage2/Shop', 'stage2/Shop/Nest', 'stage2/Shop/Nest/Deep']);
  expect(Object.values(nested[2].constructs!).map(({ path }) => path)).toEqual(['stage2/Shop/Nest/Deep/Jobs/Resource']);
  expect(nested[2].templatePath).toMatch(/Deep.*\.nested\.template\.json$/);
});

test('reads the trace beside the logical id, where the CDK kept it before 2.262', () => {
  const app = new App({ outdir: directory });
  new Queue(new Stack(app, 'Shop'), 'Jobs');
  app.synth();
  const entry = { type: 'aws:cdk:logicalId', data: 'JobsDF1CC2D4', trace: ['main (/app/shop.ts:3:1)'] };
  writeFileSync(join(directory, 'Shop.metadata.json'), JSON.stringify({ '/Shop/Jobs/Resource': [entry] }));

  expect(Object.values(readAssembly(directory).stacks[0].constructs!)).toEqual([
    { path: 'Shop/Jobs/Resource', trace: ['main (/app/shop.ts:3:1)'] },
  ]);
});

test('reads what was acknowledged, at resources and at what is none, and nothing where nothing was', () => {
  const app = new App({ outdir: directory });
  const shop = new Stack(app, 'Shop');
  const reason = 'the queue of a test has nothing to protect';
  acknowledge(new Queue(shop, 'Jobs'), { id: 'P::Q', reason });
  acknowledge(shop, { id: 'P::S', reason });
  new Queue(new Stack(app, 'Other'), 'Jobs');
  app.synth();

  const { stacks } = readAssembly(directory);
  const written = stacks.find(({ stackName }) => stackName === 'Shop')!.acknowledgements!;
  expect(written.map(({ path, rules }) => [path, rules])).toEqual([
    ['Shop', { 'P::S': reason }],
    ['Shop/Jobs', { 'P::Q': reason }],
  ]);
  expect(written[0].trace?.[0]).toMatch(/cloud-assembly\.test\.ts/);
  expect(stacks.find(({ stackName }) => stackName === 'Other')).not.toHaveProperty('acknowledgements');
});

test('metadata of another shape says nothing', () => {
  const app = new App({ outdir: directory });
  new Queue(new Stack(app, 'Shop'), 'Jobs');
  app.synth();
  const entries = [
    { type: 'aws:cdk:acknowledged-rules', data: 'x', trace: 'x' },
    { type: 'aws:cdk:creationStack', data: [1, 'main (/app/shop.ts:3:1)'] },
    { type: 'aws:cdk:logicalId', data: 'JobsDF1CC2D4' },
  ];
  writeFileSync(join(directory, 'Shop.metadata.json'), JSON.stringify({ '/Shop/Jobs/Resource': entries }));

  const [shop] = readAssembly(directory).stacks;
  expect(shop.acknowledgements).toEqual([{ path: 'Shop/Jobs/Resource', rules: {}, trace: [] }]);
  expect(shop.constructs?.JobsDF1CC2D4.trace).toEqual(['main (/app/shop.ts:3:1)']);
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
