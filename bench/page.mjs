// The page that the benchmark prints.
import { readFileSync } from 'node:fs';
import * as os from 'node:os';
import { join } from 'node:path';

/** What the project aims at. */
const AIM = { ratio: 1.15, resources: 400 };

export function page(subjects, { runs, root }) {
  const { version: cdk } = JSON.parse(readFileSync(join(root, 'node_modules/aws-cdk-lib/package.json'), 'utf8'));
  const [cpu] = os.cpus();
  const machine = [
    cpu.model.trim(),
    `${os.cpus().length} cores`,
    `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    `${os.type()} ${os.release()}`,
    `Node ${process.versions.node}`,
    `aws-cdk-lib ${cdk}`,
  ].join(', ');
  const load = os.loadavg()[0].toFixed(1);
  const stages = subjects.filter(({ stage, regions }) => stage < 4 || regions === 4);
  const growing = subjects.filter(({ stage }) => stage >= 3);
  return `# How long synthesis takes

Made by \`npm run bench -- --write docs/bench.md\`. Times are medians of ${runs} whole-process runs, in rounds over all rows: wall
seconds, in brackets processor seconds (which suffer less from what else the machine does).

Machine: ${machine}. Date: ${new Date().toISOString().slice(0, 10)}; load average at the end ${load}, of which the benchmark itself makes about 1.

- **Ladder**: the stage from the compiled library, in a script that does nothing else.
- **Plain app**: the services of the stage written straight with the L2 constructs of aws-cdk-lib (and its L1s where it has no L2),
  in as many stacks, each with as many resources: where it has fewer, alarms make up the difference (\`bench/plain.mjs\`). It has no
  checks, no acknowledgements and shorter properties; the sizes of the templates say by how much.
- **Same templates**: every resource of the stage's own templates made again with its typed L1 class and the same properties by
  \`CfnInclude\`, where nobody decides, grants or connects anything. No app that people write is that bare; it shows what the size
  of the templates alone costs.
- **Floor**: loads the same modules of aws-cdk-lib and constructs, and does nothing.
- **Validation** is the template validator built into aws-cdk-lib, on by default; off with \`CDK_VALIDATION=false\`.

## Each stage

${table(
  [
    '',
    'stacks',
    'resources',
    'largest stack',
    'templates, KB',
    'floor',
    'ladder',
    'plain app',
    'ratio',
    'same templates',
    'ratio',
    'peak MiB',
  ],
  stages.map((subject) => [...described(subject), seconds(subject, 'floor', false), ...timed(subject, false)]),
)}

With validation:

${table(
  ['', 'ladder', 'plain app', 'ratio', 'same templates', 'ratio', 'peak MiB'],
  stages.map((subject) => [name(subject), ...timed(subject, true)]),
)}

## Regions

Stage 4 in one Region does not exist: it refuses to be made without a further Region, so the first row is Stage 3. Each Region is
counted with the primary one. "Per Region" is what each Region more took since the row above.

${table(
  [
    'Regions',
    'resources',
    'largest stack',
    'ladder',
    'per Region',
    'plain app',
    'ratio',
    'with validation',
    'per Region',
    'plain app',
    'ratio',
  ],
  growing.map((subject, index) => [
    String(subject.regions),
    String(total(subject)),
    String(largest(subject)),
    ...grown(subject, growing[index - 1], false),
    ...grown(subject, growing[index - 1], true),
  ]),
)}

## The aims

${verdicts(subjects, growing)
  .map((line) => `- ${line}`)
  .join('\n')}
`;
}

function described(subject) {
  const { counts, bytes, plainBytes, padding } = subject;
  const sizes = `${kilobytes(bytes)} (plain app ${kilobytes(plainBytes)}, of its resources ${padding} are padding)`;
  return [name(subject), String(counts.length), String(total(subject)), String(largest(subject)), sizes];
}

function timed(subject, validation) {
  const other = (others) => [seconds(subject, others, validation), ratio(subject, others, validation).toFixed(2)];
  const memory = median(series(subject, 'ladder', validation), 'memory').toFixed(0);
  return [seconds(subject, 'ladder', validation), ...other('plain'), ...other('same-templates'), memory];
}

function grown(subject, before, validation) {
  const per = before ? `${perRegion(subject, before, validation).toFixed(0)} ms` : '';
  return [
    seconds(subject, 'ladder', validation),
    per,
    seconds(subject, 'plain', validation),
    ratio(subject, 'plain', validation).toFixed(2),
  ];
}

function verdicts(subjects, growing) {
  const ratios = (validation, key) => subjects.map((subject) => ratio(subject, 'plain', validation, key));
  const range = (validation, key) => {
    const all = ratios(validation, key);
    return `${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)}`;
  };
  const worst = Math.max(...ratios(false, 'wall'), ...ratios(true, 'wall'));
  const steps = (validation, key) =>
    growing.slice(2).map((subject, index) => perRegion(subject, growing[index + 1], validation, key));
  const linear = (validation) => {
    const [first, ...later] = steps(validation, 'wall');
    return later.at(-1) <= first * 1.1;
  };
  const list = (validation) =>
    steps(validation, 'wall')
      .map((ms) => ms.toFixed(0))
      .join(', ');
  const most = Math.max(...subjects.map(largest));
  const spread = Math.max(...subjects.flatMap((subject) => subject.series.map(({ measured }) => spreadOf(measured))));
  return [
    `At most ${AIM.ratio} times the plain app: ${worst <= AIM.ratio ? 'reached' : 'missed'}. Wall time is ${range(false, 'wall')} times ` +
      `that of the plain app without validation, ${range(true, 'wall')} with; processor time ${range(false, 'cpu')} and ${range(true, 'cpu')}.`,
    `Growth with Regions linear or better: ${linear(false) && linear(true) ? 'reached' : 'missed'}. From 2 to 4, 8 and 16 Regions each ` +
      `further one takes ${list(false)} ms without validation, ${list(true)} ms with.`,
    `No stack over ${AIM.resources} resources: ${most <= AIM.resources ? 'reached' : 'missed'}. The largest has ${most}.`,
    `Widest spread within a series (from the fastest to the slowest run, of the median): ${(spread * 100).toFixed(0)} %.`,
  ];
}

function name({ stage, regions }) {
  return stage === 4 ? `Stage 4, ${regions} Regions` : `Stage ${stage}`;
}

function series(subject, wanted, validation) {
  return subject.series.find((one) => one.name === wanted && one.validation === validation).measured;
}

function median(measured, key) {
  const sorted = measured.map((one) => one[key]).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spreadOf(measured) {
  const walls = measured.map(({ wall }) => wall);
  return (Math.max(...walls) - Math.min(...walls)) / median(measured, 'wall');
}

function seconds(subject, wanted, validation) {
  const measured = series(subject, wanted, validation);
  return `${median(measured, 'wall').toFixed(2)} (${median(measured, 'cpu').toFixed(2)})`;
}

function ratio(subject, wanted, validation, key = 'wall') {
  return median(series(subject, 'ladder', validation), key) / median(series(subject, wanted, validation), key);
}

function perRegion(subject, before, validation, key = 'wall') {
  const more = median(series(subject, 'ladder', validation), key) - median(series(before, 'ladder', validation), key);
  return (more / (subject.regions - before.regions)) * 1000;
}

function total({ counts }) {
  return counts.reduce((sum, count) => sum + count, 0);
}

function largest({ counts }) {
  return Math.max(...counts);
}

function kilobytes(bytes) {
  return (bytes / 1000).toFixed(0);
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
