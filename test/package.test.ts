import * as fs from 'node:fs';
import { builtinModules } from 'node:module';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..');

/** What others load: the library, the Jest matcher, the command and its subcommands, which it loads by name. */
const ENTRIES = [
  'lib/index.ts',
  'lib/promotion/jest.ts',
  'bin/scale-tiers.ts',
  ...fs
    .readdirSync(path.join(ROOT, 'bin/commands'))
    .filter((name) => /(?<!\.d)\.ts$/.test(name))
    .map((name) => `bin/commands/${name}`),
];

interface Manifest {
  readonly files: string[];
  readonly bin: { readonly [name: string]: string };
  readonly main: string;
  readonly types: string;
  readonly devDependencies: { readonly [name: string]: string };
  readonly dependencies: { readonly [name: string]: string };
  readonly peerDependencies: { readonly [name: string]: string };
  readonly bundledDependencies: string[];
}

const MANIFEST = readJson<Manifest>('package.json');

function readJson<T>(file: string): T {
  return JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8'));
}

/** What a module of ours asks for when it runs: modules and packages by their specifiers, other files by their names. */
function needs(module: string): { specifiers: string[]; files: string[] } {
  const source = fs.readFileSync(path.join(ROOT, module), 'utf8').replace(/^\s*(\/\*\*[\s\S]*?\*\/|\/\/.*$)/gm, '');
  const specifiers: string[] = [];
  for (const [, clause, specifier] of source.matchAll(/^(?:import|export)\b([^;'"]*?)\bfrom '([^']+)';/gm)) {
    if (!isTypesOnly(clause)) specifiers.push(specifier);
  }
  for (const [, specifier] of source.matchAll(/(?:\brequire\(|^import )'([^']+)'/gm)) specifiers.push(specifier);
  const beside = [...source.matchAll(/'([\w.-]+\.\w+)'/g)].map(([, name]) => path.posix.join(path.posix.dirname(module), name));
  return { specifiers, files: beside.filter((file) => fs.existsSync(path.join(ROOT, file))) };
}

function isTypesOnly(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/
    .exec(clause)?.[1]
    .split(',')
    .filter((name) => name.trim() !== '');
  return names?.every((name) => /^\s*type\s/.test(name)) ?? false;
}

/** Everything the entries load, directly or not: source files of ours, files beside them, and names of packages. */
function reached(entries: string[]): { modules: Set<string>; files: Set<string>; packages: Set<string> } {
  const modules = new Set<string>();
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [...entries];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (modules.has(module)) continue;
    modules.add(module);
    const asked = needs(module);
    for (const file of asked.files) files.add(file);
    for (const specifier of asked.specifiers) {
      if (!specifier.startsWith('.')) packages.add(/^(@[^/]+\/)?[^/]+/.exec(specifier)![0]);
      else if (specifier.endsWith('.json')) files.add(path.posix.join(path.posix.dirname(module), specifier));
      else waiting.push(resolve(module, specifier));
    }
  }
  return { modules, files, packages };
}

function resolve(from: string, specifier: string): string {
  const base = path.posix.join(path.posix.dirname(from), specifier);
  const found = [`${base}.ts`, `${base}/index.ts`].find((file) => fs.existsSync(path.join(ROOT, file)));
  if (found === undefined) throw new Error(`${from} loads ${specifier}, which is no file of ours`);
  return found;
}

/** Whether npm packs a file (package.json always goes along). */
function isPacked(file: string): boolean {
  return file === 'package.json' || MANIFEST.files.some((pattern) => matches(file, pattern));
}

function matches(file: string, pattern: string): boolean {
  const parts = pattern.split(/(\*\*\/|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`).test(file);
}

const compiled = (module: string, extension: string) => module.replace(/\.ts$/, extension);

describe('the package', () => {
  const { modules, files, packages } = reached(ENTRIES);

  test('is read here as it is: blocks, stages, rules and commands are all reached', () => {
    for (const module of [
      'lib/blocks/network/network.ts',
      'lib/stages/stage4-global.ts',
      'lib/promotion/rules/identity.ts',
      'lib/assembly/assembly-writer.ts',
      'bin/commands/plan.ts',
    ]) {
      expect(modules).toContain(module);
    }
    for (const file of ['lib/blocks/compute/server/boot.sh', 'lib/blocks/compute/server/main.sh', 'package.json']) {
      expect([...files]).toContain(file);
    }
  });

  test('holds every file its library and its command load', () => {
    expect([...modules].map((module) => compiled(module, '.js')).filter((file) => !isPacked(file))).toEqual([]);
    expect([...files].filter((file) => !isPacked(file))).toEqual([]);
  });

  test('holds the types of what its library exports', () => {
    const library = [...reached(['lib/index.ts', 'lib/promotion/jest.ts']).modules];
    expect(library.map((module) => compiled(module, '.d.ts')).filter((file) => !isPacked(file))).toEqual([]);
    expect(MANIFEST.types).toBe(compiled('lib/index.ts', '.d.ts'));
    expect(MANIFEST.main).toBe(compiled('lib/index.ts', '.js'));
  });

  test('holds neither the app of this repository nor tests, benchmarks and examples', () => {
    for (const file of ['bin/app.js', 'bin/product/build-product.js', 'test/setup.js', 'bench/run.mjs', 'examples/a.json']) {
      expect([file, isPacked(file)]).toEqual([file, false]);
    }
  });

  test('runs its command by name', () => {
    const command = MANIFEST.bin['scale-tiers'];
    expect(isPacked(command)).toBe(true);
    expect(fs.readFileSync(path.join(ROOT, command.replace(/\.js$/, '.ts')), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test('asks npm for every package it loads, and brings along what is no peer, as jsii demands', () => {
    const foreign = [...packages].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name));
    const declared = { ...MANIFEST.dependencies, ...MANIFEST.peerDependencies };
    expect(foreign.filter((name) => !(name in declared))).toEqual([]);
    expect([...MANIFEST.bundledDependencies].sort()).toEqual(Object.keys(MANIFEST.dependencies).sort());
  });

  test('brings along nothing that the guard does not name', () => {
    const sources = [...modules].map((module) => fs.readFileSync(path.join(ROOT, module), 'utf8')).join('\n');
    expect(MANIFEST.bundledDependencies.filter((name) => !sources.includes(`'${name}`))).toEqual([]);
  });

  test.each([
    ['lib/**/*.js', 'lib/index.js', true],
    ['lib/**/*.js', 'lib/stages/rules/a.js', true],
    ['lib/**/*.js', 'lib/index.d.ts', false],
    ['bin/commands/*.js', 'bin/commands/deeper/a.js', false],
    ['.jsii', 'xjsii', false],
  ])('npm reads the pattern %s for %s as %p', (pattern, file, expected) => {
    expect(matches(file, pattern)).toBe(expected);
  });
});

describe('cdk.json', () => {
  const { context, ...settings } = readJson<{ context: Record<string, unknown> }>('cdk.json');

  test('has every feature flag as cdk init sets it, so that the CLI asks for none', () => {
    const { 'cli-telemetry': telemetry, ...flags } = context;
    const recommended = readJson<Record<string, unknown>>('node_modules/aws-cdk-lib/recommended-feature-flags.json');
    expect(recommended).toMatchObject(flags);
    // A newer aws-cdk-lib, against which the tests run too, has more.
    const { version } = readJson<{ version: string }>('node_modules/aws-cdk-lib/package.json');
    if (version === MANIFEST.devDependencies['aws-cdk-lib']) expect(flags).toEqual(recommended);
    expect(telemetry).toBe(false);
  });

  test('asks nobody: no notices, no look-ups, no reporting', () => {
    expect(settings).toEqual({ app: 'node bin/app.js', notices: false, versionReporting: false, lookups: false });
  });
});
