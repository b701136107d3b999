import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './generated-section';

/**
 * The floors of the house, the highest first (docs/adr/0001). A folder may import from itself and from the folders listed with it;
 * rooms on one floor do not know one another.
 */
const ROOMS: { [folder: string]: string[] } = {
  bin: ['lib/stages', 'lib/promotion', 'lib/review', 'lib/blocks', 'lib/assembly'],
  'lib/stages': ['lib/blocks'],
  'lib/promotion': ['lib/assembly'],
  'lib/review': ['lib/assembly'],
  'lib/blocks/delivery': ['lib/blocks/compute', 'lib/blocks/operations'],
  'lib/blocks/compute': ['lib/blocks/observability', 'lib/blocks/messaging', 'lib/blocks/network', 'lib/blocks/operations'],
  'lib/blocks/messaging': ['lib/blocks/data', 'lib/blocks/network', 'lib/blocks/operations'],
  'lib/blocks/edge': ['lib/blocks/network', 'lib/blocks/operations'],
  'lib/blocks/identity': ['lib/blocks/network', 'lib/blocks/operations'],
  'lib/blocks/observability': ['lib/blocks/data', 'lib/blocks/operations'],
  'lib/blocks/security': ['lib/blocks/data', 'lib/blocks/operations'],
  'lib/blocks/data': ['lib/blocks/network', 'lib/blocks/operations'],
  'lib/blocks/network': ['lib/blocks/operations'],
  'lib/blocks/operations': [],
  'lib/assembly': [],
};

/** The list of everything that is public; it imports from every room and nobody imports it. */
const INDEX = 'lib/index.ts';

interface Import {
  readonly from: string;
  readonly to: string;
  /** Erased by the compiler: it makes no circle at run time. */
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);
}

function importsOf(file: string, text = readFileSync(join(ROOT, file), 'utf8')): Import[] {
  const pattern = /(?:^|\s)(import|export)(\s+type)?\b[^;'"`]*?\bfrom\s*'([^']+)'|\b(?:require|import)\(\s*['"`]([^'"`]+)['"`]/gm;
  return [...text.matchAll(pattern)].flatMap(([, , type, named, called]) => {
    const target = named ?? called;
    // A command is loaded by its name, which only the program knows.
    if (!target.startsWith('.') || target.includes('$')) return [];
    const path = relative(ROOT, join(ROOT, dirname(file), target)).replaceAll('\\', '/');
    return path.endsWith('.json') ? [] : [{ from: file, to: fileOf(path), typeOnly: type !== undefined }];
  });
}

function fileOf(path: string): string {
  return existsSync(join(ROOT, path, 'index.ts')) ? `${path}/index.ts` : `${path}.ts`;
}

function roomOf(file: string): string | undefined {
  return Object.keys(ROOMS).find((room) => file.startsWith(`${room}/`));
}

/** Why an import is not allowed, if it is not. */
function objection({ from, to }: Import): string | undefined {
  if (from === INDEX) return undefined;
  const [room, other] = [roomOf(from), roomOf(to)];
  if (!room) return `${from} is in no room of the house`;
  if (room === other || ROOMS[room].some((below) => to.startsWith(`${below}/`))) return undefined;
  return `${from} imports ${to}`;
}

/** The files of a circle, if there is one. */
function circle(imports: Import[]): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const to of next.get(file) ?? []) {
      const found = visit(to, [...path, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const found = visit(file, []);
    if (found) return found;
  }
  return undefined;
}

const files = [...sources('bin'), ...sources('lib')];
const imports = files.flatMap((file) => importsOf(file));

describe('the house', () => {
  test('has imports that only go down', () => {
    expect(imports.map(objection).filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('has no circles', () => {
    expect(circle(imports)).toBeUndefined();
  });

  test('has every file in a room, and every import at a file', () => {
    expect(files.filter((file) => file !== INDEX && !roomOf(file))).toEqual([]);
    expect(imports.filter(({ to }) => !existsSync(join(ROOT, to)))).toEqual([]);
  });

  test('has no room that stands above one it is listed under', () => {
    const order = Object.keys(ROOMS);
    for (const [room, below] of Object.entries(ROOMS)) {
      for (const other of below.filter((folder) => folder in ROOMS)) {
        expect([room, other].sort((left, right) => order.indexOf(left) - order.indexOf(right))).toEqual([room, other]);
      }
    }
  });

  test('is looked at closely enough to see a fault', () => {
    const seen = importsOf(
      'lib/blocks/data/x.ts',
      "import {\n  type A,\n} from '../../stages/y';\nexport * from './z';\nrequire('./w');",
    );
    expect(seen.map(({ to }) => to)).toEqual(['lib/stages/y.ts', 'lib/blocks/data/z.ts', 'lib/blocks/data/w.ts']);
    expect(seen.map(objection)).toEqual(['lib/blocks/data/x.ts imports lib/stages/y.ts', undefined, undefined]);
    expect(objection({ from: 'lib/stages/a.ts', to: 'lib/promotion/b.ts', typeOnly: true })).toBeDefined();
    expect(objection({ from: 'lib/promotion/a.ts', to: 'lib/blocks/data/b.ts', typeOnly: true })).toBeDefined();
    expect(objection({ from: 'lib/blocks/network/a.ts', to: 'lib/index.ts', typeOnly: false })).toBeDefined();
    const step = (from: string, to: string) => ({ from, to, typeOnly: false });
    expect(circle([step('a', 'b'), step('b', 'c'), step('c', 'b')])).toEqual(['b', 'c', 'b']);
  });
});
