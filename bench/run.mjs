// npm run bench [-- --runs N] [-- --write FILE]: how long the ladder takes to synthesize, beside a plain CDK app of the same number
// of resources. Prints Markdown; writes nothing but what --write asks for.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyTemplates, countResources, stacksOf } from './assembly.mjs';
import { page } from './page.mjs';

const LEAST_RUNS = 5;
const HERE = fileURLToPath(new URL('.', import.meta.url));

const { values } = parseArgs({ options: { runs: { type: 'string' }, write: { type: 'string' } } });
const runs = Number(values.runs ?? LEAST_RUNS);
if (!Number.isInteger(runs) || runs < LEAST_RUNS) {
  console.error(`bench: --runs must be a whole number of ${LEAST_RUNS} or more, got '${values.runs}'`);
  process.exit(2);
}
if (!existsSync(join(HERE, '../lib/index.js'))) {
  console.error('bench: lib/index.js is missing: compile the library with npm run build');
  process.exit(2);
}

const SUBJECTS = [
  { stage: 1, regions: 1 },
  { stage: 2, regions: 1 },
  { stage: 3, regions: 1 },
  { stage: 4, regions: 2 },
  { stage: 4, regions: 4 },
  { stage: 4, regions: 8 },
  { stage: 4, regions: 16 },
];

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
try {
  const subjects = SUBJECTS.map(prepare);
  const series = subjects.flatMap(({ series }) => series);
  // Round by round, so that whatever else the machine does in the meantime falls on all alike.
  for (let round = 1; round <= runs; round++) {
    process.stderr.write(`round ${round} of ${runs}\n`);
    for (const { script, ask, validation, measured } of series) measured.push(run(script, ask, validation));
  }
  const text = page(subjects, { runs, root: join(HERE, '..') });
  process.stdout.write(text);
  if (values.write !== undefined) writeFileSync(values.write, text);
} finally {
  rmSync(folder, { recursive: true });
}

/** Synthesizes a subject once, to see what the others must load and hold, and lists the series to measure. */
function prepare({ stage, regions }) {
  const subject = { stage, regions };
  const out = join(folder, `${stage}-${regions}`);
  process.stderr.write(`preparing stage ${stage}, ${regions} ${regions === 1 ? 'Region' : 'Regions'}\n`);
  const { modules } = run('ladder.mjs', { ...subject, modules: true }, false, out);
  const stacks = stacksOf(out);

  const loaded = modules.filter((module) => /node_modules\/(aws-cdk-lib|constructs)\//.test(module));
  const list = join(folder, `${stage}-${regions}.modules.json`);
  writeFileSync(list, JSON.stringify(loaded));

  const series = [{ name: 'floor', script: 'floor.mjs', ask: { list }, validation: false, measured: [] }];
  const templates = copyTemplates(stacks, join(folder, `${stage}-${regions}.templates`));
  const padding = paddingOf(subject, stacks);
  for (const validation of [false, true]) {
    const asks = { ladder: subject, plain: { ...subject, padding }, 'same-templates': { templates } };
    for (const [name, ask] of Object.entries(asks)) series.push({ name, script: `${name}.mjs`, ask, validation, measured: [] });
  }
  return {
    ...subject,
    series,
    modules: loaded.length,
    counts: stacks.map(countResources),
    bytes: sum(stacks.map(({ bytes }) => bytes)),
    padding: sum(Object.values(padding)),
    plainBytes: plainBytes(subject, padding),
  };
}

/** How many resources a plain app lacks in each Region. */
function paddingOf(subject, stacks) {
  const out = join(folder, 'unpadded');
  run('plain.mjs', subject, false, out);
  const plain = stacksOf(out);
  rmSync(out, { recursive: true });
  return Object.fromEntries(
    stacks.map((stack) => {
      const other = plain.find(({ region }) => region === stack.region);
      const lacks = countResources(stack) - countResources(other);
      if (lacks < 0)
        throw new Error(`the plain app has ${-lacks} resources too many in ${stack.region}: take some from plain.mjs`);
      return [stack.region, lacks];
    }),
  );
}

function plainBytes(subject, padding) {
  const out = join(folder, 'padded');
  run('plain.mjs', { ...subject, padding }, false, out);
  const bytes = sum(stacksOf(out).map((stack) => stack.bytes));
  rmSync(out, { recursive: true });
  return bytes;
}

/** Runs a script as a process of its own; its folder is kept only where one is given. */
function run(script, ask, validation, keep) {
  const out = keep ?? join(folder, 'out');
  const report = join(folder, 'report.json');
  const { CI, NODE_OPTIONS, CDK_CONTEXT_JSON, CDK_OUTDIR, ...env } = process.env;
  Object.assign(env, { CDK_VALIDATION: String(validation), JSII_DEPRECATED: 'quiet' });
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(process.execPath, [join(HERE, script), JSON.stringify({ ...ask, out, report })], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 2 ** 28,
  });
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`${script} failed: ${error ?? stderr.slice(-2000)}`);
  const measured = { wall, ...JSON.parse(readFileSync(report, 'utf8')) };
  if (keep === undefined) rmSync(out, { recursive: true, force: true });
  return measured;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
