import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stage } from 'aws-cdk-lib';
import { REFERENCE } from '../bin/app';
import { run as check } from '../bin/commands/check';
import { run as plan } from '../bin/commands/plan';
import { buildProduct } from '../bin/product/build-product';
import type { ProductFile } from '../bin/product/product';
import { readProductFile } from '../bin/product/product-file';
import { type AssemblyStack, readAssembly } from '../lib/assembly/cloud-assembly';
import { KNOWN_REGIONS, PRIMARY_VPC_CIDR, regionFacts } from '../lib/blocks/network/region-facts';
import * as library from '../lib/index';
import { comparePromotion } from '../lib/promotion/compare';
import { planPromotion } from '../lib/promotion/plan';
import { ALL_RULES } from '../lib/promotion/rules';
import { ADRS, expectSection, markdownTable, PAGES, ROOT, text } from './generated-section';

const README = text('README.md');

const PAIRS = [
  [1, 2],
  [2, 3],
  [3, 4],
  [1, 3],
  [1, 4],
  [2, 4],
];

/** What a deploy does that had to wait, by the rule that made it wait. */
const IN_WORDS: { [rule: string]: string } = {
  'resharding-alone': 'shards of the cache',
  'canary-after-two-groups': 'canary releases',
  'reference-before-its-output': 'copying of static files',
  'one-replica-per-update': 'next Region of the shared table',
  'zero-etl-before-reboot': 'feed of the warehouse',
  'multi-vpc-at-creation': 'Kafka opens to other VPCs',
  'replicator-before-its-source': 'Kafka replicators',
  'resharding-before-joining': 'global datastore of the cache',
};

/** The reference shop at every stage, as `npx cdk synth` writes it. */
const folders: string[] = [];
/** The same with Aurora from the first day. */
const withAurora: string[] = [];

beforeAll(() => {
  folders.push(...synthesize({}));
  withAurora.push(...synthesize({ server: { database: 'aurora' } }));
}, 120_000);

function synthesize(more: Partial<ProductFile>): string[] {
  const { context } = JSON.parse(text('cdk.json')) as { context: Record<string, unknown> };
  const app = new App({ context, analyticsReporting: false });
  const stages = ([1, 2, 3, 4] as const).map((stage) => {
    const scope = new Stage(app, `stage${stage}`);
    buildProduct(scope, { ...REFERENCE, ...more, stage });
    return scope.artifactId;
  });
  const assembly = app.synth();
  return stages.map((id) => assembly.getNestedAssembly(id).directory);
}

describe('the examples', () => {
  const examples = PAGES.flatMap((page) =>
    [...text(page).matchAll(/^```ts( fixture)?\n([\s\S]*?)^```$/gm)].map(([, fixture, code]) => ({ page, fixture, code })),
  );

  /** Code with what a fixture example leaves out: its imports, and the things every product has. */
  function program(fixture: string | undefined, code: string): string {
    if (!fixture) return code;
    const used = Object.keys(library).filter((name) => new RegExp(`\\b${name}\\b`).test(code));
    return `import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { type ProductDomain, ${[...new Set(['ProductImage', ...used])].join(', ')} } from 'cdk-scale-tiers';
declare const app: App;
declare const stack: Stack;
declare const image: ProductImage;
declare const domain: ProductDomain;
${code}`;
  }

  function compile(programs: string[]): string {
    const folder = mkdtempSync(join(__dirname, 'tmp-examples-'));
    try {
      programs.forEach((code, index) => {
        writeFileSync(join(folder, `example${index}.ts`), code);
      });
      const config = {
        extends: '../../tsconfig.json',
        compilerOptions: {
          rootDir: '../..',
          noEmit: true,
          declaration: false,
          inlineSourceMap: false,
          inlineSources: false,
          noUnusedLocals: false,
          types: ['node', 'jest'],
          paths: { 'cdk-scale-tiers': ['../../lib/index.ts'], 'cdk-scale-tiers/lib/*': ['../../lib/*.ts'] },
        },
        include: ['*.ts'],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      return spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' }).stdout;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('are programs that the compiler takes', () => {
    expect(examples.length).toBeGreaterThan(8);
    expect(compile(examples.map(({ fixture, code }) => program(fixture, code)))).toBe('');
  }, 60_000);

  test('would not pass if one were broken', () => {
    const broken = program('fixture', "new Stage1Single(stack, 'Product', { image, prot: 80 });");
    expect(compile([broken])).toContain("'prot' does not exist in type 'StageProps'");
  }, 60_000);

  test.each([
    ['check', check],
    ['plan', plan],
  ])('show what %s really says', async (command, run) => {
    const paths = [2, 3].map((stage) => `cdk.out/assembly-stage${stage}`);
    const real = await output(run, paths);
    // Honestly shortened: the list of what is kept and added would fill a screen.
    const shown = real.replace(/(Holding state:.*\n)(?: {2}.*\n)+/, '$1…\n').trimEnd();
    const block = `\`\`\`console\n$ npx scale-tiers ${command} ${paths.join(' ')}\n${shown}\n\`\`\``;
    expectSection('README.md', `${command} output`, block);
  });

  test('show what a product file with faults is told', () => {
    const folder = mkdtempSync(join(tmpdir(), 'product-'));
    try {
      const file = join(folder, 'product.json');
      writeFileSync(
        file,
        `{
  "name": "Shop",
  "stage": 2,
  "account": "123456789012",
  "region": "us-east-1",
  "image": "example/shop:latest",
  "port": 0,
  "domain": { "name": "shop.example.org", "hostedZoneId": "Z0123456789EXAMPLE", "zoneName": "example.com" }
}`,
      );
      const { faults } = readProductFile(file, folder);
      const told = [...faults, `nothing was synthesized: there are ${faults.length} faults`]
        .join('\n')
        .replaceAll(file, 'product.json');
      expectSection('README.md', 'faults', `\`\`\`text\n${told}\n\`\`\``);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  /** What a command prints about two of the assemblies that `cdk synth` writes. */
  async function output(run: (args: string[]) => Promise<number>, paths: string[]): Promise<string> {
    const printed: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0);
    const log = jest.spyOn(console, 'log').mockImplementation((line) => void printed.push(`${line}\n`));
    try {
      await run(paths.map((path) => folders[Number(/stage(\d)$/.exec(path)![1]) - 1]));
    } finally {
      for (const spy of [write, log]) spy.mockRestore();
    }
    return folders.reduce((all, folder, index) => all.replaceAll(folder, `cdk.out/assembly-stage${index + 1}`), printed.join(''));
  }
});

describe('the tables', () => {
  test('say how many deploys a climb takes', () => {
    const seen = new Set<string>();
    const climbs = [
      ...PAIRS.map(([from, to]) => ({ name: `${from} → ${to}`, before: folders[from - 1], after: folders[to - 1] })),
      ...[2, 3, 4].map((to) => ({ name: `1 with Aurora → ${to}`, before: withAurora[0], after: withAurora[to - 1] })),
    ];
    const rows = climbs.map(({ name, before, after }) => {
      const { deploys, impossible } = planPromotion(readAssembly(before), readAssembly(after), comparePromotion);
      expect(impossible).toBeUndefined();
      const waiting = deploys.map(({ heldBack }) => new Set(heldBack.map(({ ruleId }) => ruleId)));
      const does = waiting.slice(1).map((later, index) => {
        const goes = [...waiting[index]].filter((rule) => !later.has(rule) || rule === 'one-replica-per-update');
        for (const rule of goes) seen.add(rule);
        return goes.map((rule) => IN_WORDS[rule] ?? `(no words for ${rule})`).join('; ');
      });
      const cells = [deploys.length === 1 ? 'everything' : 'everything else', ...does];
      return [name, `${deploys.length}`, ...Array.from({ length: 4 }, (_, index) => cells[index] ?? '')];
    });
    expectSection(
      'README.md',
      'promotion matrix',
      markdownTable(['Climb', 'Deploys', 'First', 'Second', 'Third', 'Fourth'], rows, [1]),
    );
    const why = Object.entries(IN_WORDS).map(([rule, words]) => {
      const { sentence, source } = ALL_RULES.find(({ id }) => id === rule)!;
      return [words, sentence, `\`${rule}\``, source];
    });
    expect([...seen].sort()).toEqual(Object.keys(IN_WORDS).sort());
    expectSection('README.md', 'promotion rules', markdownTable(['What waits', 'Why', 'Rule', 'Source'], why));
  }, 120_000);

  test('name every variable of the app contract, and at which stage it is empty', () => {
    const rows = [...README.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm)].map(([, name, cells]) => ({
      name,
      cells: cells.split(' | '),
    }));
    const [one, two, three, four] = folders.map((folder) => readAssembly(folder).stacks);
    const further = four.find(({ region }) => region !== four[0].region)!;
    const columns = [serverEnvironment(one[0]), ...[two[0], three[0], four[0], further].map(taskEnvironment)];
    const code = new Set(columns.flatMap((environment) => Object.keys(environment)));
    expect(rows.map(({ name }) => name).sort()).toEqual([...code].sort());
    for (const { name, cells } of rows) {
      const empty = columns.map((environment) => environment[name] === '');
      expect({ name, empty: cells.map((cell) => cell === '–') }).toEqual({ name, empty });
      // Missing is not empty: an image that reads it would see another name set.
      if (name !== 'AWS_REGION')
        expect({ name, missing: columns.findIndex((environment) => !(name in environment)) }).toEqual({ name, missing: -1 });
    }
  });

  test('list every decision', () => {
    const links = ADRS.map((file) => {
      const [, number, title] = /^# (\d{4}) (.+)$/m.exec(text(`docs/adr/${file}`))!;
      expect(file.startsWith(`${number}-`)).toBe(true);
      return `- [${number}](docs/adr/${file}) ${title}`;
    });
    expectSection('README.md', 'decisions', links.join('\n'));
  });

  test('list the known Regions', () => {
    const rows = KNOWN_REGIONS.map((region) => {
      const { zoneLetters, vpcCidr, cloudFrontPrefixListId } = regionFacts(region)!;
      const zones = [...zoneLetters].map((letter, index) => (index < 3 ? `**${letter}**` : letter)).join(' ');
      return [`\`${region}\``, zones, `\`${vpcCidr}\``, `\`${cloudFrontPrefixListId}\``];
    });
    const head = ['Region', 'Zones (the default in bold)', 'VPC range as further Region', 'CloudFront prefix list'];
    expectSection('docs/regions.md', 'regions', markdownTable(head, rows));
    expect(text('docs/regions.md')).toContain(`\`${PRIMARY_VPC_CIDR}\``);
  });

  test('and the picture know the same stages', () => {
    const stages = Object.keys(library).filter((name) => /^Stage\d/.test(name));
    expect(stages).toHaveLength(4);
    for (const stage of stages) {
      expect(text('docs/img/ladder.svg')).toContain(`>${stage}<`);
      expect(README).toContain(`\`${stage}\` |`);
    }
  });

  /** What the server's containers get: the release, and what release.sh adds. */
  function serverEnvironment({ template }: AssemblyStack): Record<string, string> {
    const parameter = Object.values(template.Resources ?? {}).find(({ Type }) => Type === 'AWS::SSM::Parameter')!;
    const parts = (parameter.Properties!.Value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
    const release = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'a reference')).join(''));
    const plain = Object.entries(release.environment as Record<string, string>);
    const script = text('lib/blocks/compute/server/release.sh');
    const body = ['own_stores', 'write_environment']
      .map((name) => script.indexOf(`${name}() {`))
      .map((start) => script.slice(start, script.indexOf('\n}\n', start)))
      .join('\n');
    const added = [...body.matchAll(/printf '([A-Z_]*)%s\\n'((?:[^\n]*\\\n)*[^\n]*)/g)].flatMap(([, prefix, line]) =>
      [...line.matchAll(/\b([A-Z_]+)=/g)].map(([, name]) => [prefix + name, 'set']),
    );
    return Object.fromEntries([...plain, ...added]);
  }

  /** What the containers of the core service get. */
  function taskEnvironment({ template, paths }: AssemblyStack): Record<string, string> {
    const [id] = Object.entries(paths).find(([, path]) => path.endsWith('/Application/Service/TaskDefinition'))!;
    const [container] = template.Resources![id].Properties!.ContainerDefinitions as {
      readonly Environment: { readonly Name: string; readonly Value: unknown }[];
      readonly Secrets: { readonly Name: string }[];
    }[];
    return Object.fromEntries([
      ...container.Environment.map(({ Name, Value }) => [Name, Value === '' ? '' : 'set']),
      ...container.Secrets.map(({ Name }) => [Name, 'set']),
    ]);
  }
});
