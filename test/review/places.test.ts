import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { everyStack, readAssembly } from '../../lib/assembly/cloud-assembly';
import { placesOf } from '../../lib/review/places/places';
import { assembly as handMade, resource, stack } from '../promotion/templates';
import { BUCKET, writtenAssembly } from './written-assembly';

describe('a place', () => {
  test('has the stack by its construct path, the template from the assembly, line, path and code', () => {
    const directory = mkdtempSync(join(tmpdir(), 'places-'));
    const app = new App({ outdir: directory });
    const shop = new Stack(new Stage(app, 'stage1', { env: { region: 'us-east-1', account: '111111111111' } }), 'Shop');
    new Queue(new NestedStack(shop, 'Nest'), 'Inner');
    new Queue(shop, 'Jobs');
    app.synth();

    const assembly = readAssembly(directory);
    const places = placesOf(assembly).place;
    const [outer, nested] = everyStack(assembly);
    const jobs = Object.keys(outer.template.Resources!).find((id) => id.startsWith('Jobs'))!;
    const inner = Object.keys(nested.template.Resources!)[0];

    expect(places(outer, jobs)).toEqual({
      stack: 'stage1/Shop',
      region: 'us-east-1',
      templateFile: 'assembly-stage1/stage1Shop41EEA684.template.json',
      logicalId: jobs,
      type: 'AWS::SQS::Queue',
      path: 'stage1/Shop/Jobs',
      line: expect.any(Number),
      source: { file: 'test/review/places.test.ts', line: 18 },
    });
    expect(places(nested, inner)).toMatchObject({
      stack: 'stage1/Shop/Nest',
      path: 'stage1/Shop/Nest/Inner',
      line: 3,
      source: { file: 'test/review/places.test.ts', line: 17 },
    });
    expect(places(nested, inner).templateFile).toMatch(/^assembly-stage1\/stage1ShopNest.*\.nested\.template\.json$/);
    expect(placesOf(assembly).fullPath(places(outer, jobs))).toBe('stage1/Shop/Jobs/Resource');
    rmSync(directory, { recursive: true });
  });

  test('says less where the assembly knows less', () => {
    const made = { ...stack('Shop', { Jobs: resource('AWS::SQS::Queue') }), paths: {}, constructPath: undefined };

    expect(placesOf(handMade(made)).place(made, 'Jobs')).toEqual({
      stack: 'Shop',
      region: 'us-east-1',
      templateFile: 'Shop.template.json',
      logicalId: 'Jobs',
      type: 'AWS::SQS::Queue',
    });
  });

  test('takes the construct path from the template where the manifest has none', () => {
    const jobs = resource('AWS::SQS::Queue', {}, { Metadata: { 'aws:cdk:path': 'Shop/Jobs/Resource' } });
    const made = { ...stack('Shop', { Jobs: jobs }), paths: {} };

    expect(placesOf(handMade(made)).place(made, 'Jobs').path).toBe('Shop/Jobs');
  });

  test('is told of parameters and outputs, too', () => {
    const assembly = writtenAssembly({ resources: { Pictures: BUCKET }, sections: { Outputs: { Name: { Value: 'x' } } } });

    expect(placesOf(assembly).place(assembly.stacks[0], 'Name')).toMatchObject({ type: 'Output', line: 3 });
    expect(placesOf(assembly).place(assembly.stacks[0], '')).toMatchObject({ type: 'Template', path: 'Shop' });
    expect(placesOf(assembly).place(assembly.stacks[0], 'Gone')).toMatchObject({ type: 'unknown' });
    expect(placesOf(assembly).place(assembly.stacks[0], 'Gone')).not.toHaveProperty('line');
  });
});

describe('a line of a template file', () => {
  const assembly = writtenAssembly(
    { path: 'A/Shop', resources: { Pictures: BUCKET, Films: BUCKET } },
    { path: 'B/Shop', resources: { Books: BUCKET } },
  );
  const [a] = assembly.stacks;
  const at = (file: string, line: number) => placesOf(assembly).at(file, line)?.logicalId;

  test('leads to what stands there, by any spelling of the file', () => {
    expect(at(a.templatePath!, 3)).toBe('Pictures');
    expect(at('AShop.template.json', 8)).toBe('Films');
    expect(at('./some/where/AShop.template.json', 4)).toBe('Pictures');
    expect(at('BShop.template.json', 4)).toBe('Books');
  });

  test('leads nowhere between the entries, or in a file of another name', () => {
    expect(at('AShop.template.json', 1)).toBeUndefined();
    expect(at('Other.template.json', 3)).toBeUndefined();
    expect(placesOf({ ...assembly, stacks: [a] }).at('Other.template.json', 3)).toBeUndefined();
  });

  test('leads nowhere where the name fits two files', () => {
    const other = { ...a, templatePath: join(tmpdir(), 'elsewhere', 'AShop.template.json'), templateFile: 'elsewhere.json' };
    const both = { ...assembly, stacks: [a, other] };

    expect(placesOf(both).at('AShop.template.json', 3)).toBeUndefined();
    expect(placesOf(both).at(a.templatePath!, 3)?.logicalId).toBe('Pictures');
  });
});

describe('a construct path', () => {
  const assembly = writtenAssembly({ path: 'A/Shop', resources: { Pictures: BUCKET, Films: BUCKET } });
  const below = (path: string) => placesOf(assembly).below(path)?.logicalId;

  test('leads to its resource, or to the first one below it', () => {
    expect(below('A/Shop/Films/Resource')).toBe('Films');
    expect(below('A/Shop/Films')).toBe('Films');
    expect(below('A')).toBe('Pictures');
    expect(below('')).toBe('Pictures');
    expect(below('A/Sho')).toBeUndefined();
  });
});

describe('the line of code', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'code-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function sourceOf(...data: string[]) {
    const metadata = { '/Shop/Pictures/Resource': [{ type: 'aws:cdk:creationStack', data }] };
    const assembly = writtenAssembly({ resources: { Pictures: BUCKET }, metadata });
    return placesOf(assembly).place(assembly.stacks[0], 'Pictures').source;
  }

  test('is the first frame outside of packages and of the CDK', () => {
    expect(
      sourceOf(
        '...aws-cdk-lib...',
        'new Bucket (/app/node_modules/aws-cdk-lib/aws-s3/lib/bucket.js:1:2)',
        'new Blocks (/app/node_modules/blocks/index.js:1:2)',
        'new Deep (/src/aws-cdk-lib/packages/x.js:3:4)',
        'Module._compile (node:internal/modules/cjs/loader:1521:14)',
        'new Shop (/app/lib/shop.ts:12:5)',
        'main (/app/bin/app.ts:3:1)',
      ),
    ).toEqual({ file: '/app/lib/shop.ts', line: 12 });
  });

  test.each([
    ['without a function', '/app/shop.ts:12:5'],
    ['as a file URL', `run (${pathToFileURL('/app/shop.ts').href}:12:5)`],
    ['without a column, as Python writes it', '__init__ (/app/shop.ts:12)'],
    ['as it is printed', '    at async Promise.all (/app/shop.ts:12:5)'],
  ])('is read %s', (_, frame) => {
    expect(sourceOf(frame)).toEqual({ file: '/app/shop.ts', line: 12 });
  });

  test('is missing where no frame is the user’s', () => {
    expect(sourceOf('...aws-cdk-lib...', '(no user code in 10 frames, use --stack-trace-limit to capture more)')).toBeUndefined();
  });

  /** Line 2, column 3 of the compiled file comes from line 7 of the source. */
  const map = (sources: string[], sourceRoot?: string) =>
    JSON.stringify({ version: 3, sources, sourceRoot, names: [], mappings: ';EAMA' });
  const inline = (text: string) => `//# sourceMappingURL=data:application/json;base64,${Buffer.from(text).toString('base64')}`;

  test('is that of the source where the file has a source map inside', () => {
    writeFileSync(join(folder, 'shop.ts'), '');
    writeFileSync(join(folder, 'shop.js'), `\n  new Shop();\n${inline(map(['shop.ts']))}\n`);

    expect(sourceOf(`main (${folder}/shop.js:2:3)`)).toEqual({ file: `${folder}/shop.ts`, line: 7 });
  });

  test('is that of the source where the map lies in a file of its own, and the source in another folder', () => {
    mkdirSync(join(folder, 'src'));
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'src', 'shop.ts'), '');
    writeFileSync(join(folder, 'dist', 'shop.js.map'), map(['shop.ts'], '../src'));
    writeFileSync(join(folder, 'dist', 'shop.js'), '\n  new Shop();\n//# sourceMappingURL=shop.js.map');

    expect(sourceOf(`main (${folder}/dist/shop.js:2:3)`)).toEqual({ file: `${folder}/src/shop.ts`, line: 7 });
  });

  test('stays the compiled one where the source is not at hand, or the map is broken', () => {
    writeFileSync(join(folder, 'alone.js'), `\n  new Shop();\n${inline(map(['gone.ts']))}\n`);
    writeFileSync(join(folder, 'broken.js'), `\n  new Shop();\n${inline('{')}\n`);

    expect(sourceOf(`main (${folder}/alone.js:2:3)`)).toEqual({ file: `${folder}/alone.js`, line: 2 });
    expect(sourceOf(`main (${folder}/broken.js:2:3)`)).toEqual({ file: `${folder}/broken.js`, line: 2 });
  });
});
