import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assembly } from '../../lib/assembly/cloud-assembly';
import type { Check } from '../../lib/review/checks/check';
import { checksFor } from '../../lib/review/checks/list';
import { importedCheck } from '../../lib/review/imported';
import { expectSection, markdownTable } from '../generated-section';
import { PLANTED_FAULTS } from '../review/planted-faults';
import { type Bed, bedsOf, type Caught, caughtBy, homeOf } from '../review/planting';
import { runPythonTools } from './python-tools';

/** The tools as the columns of the table name them. */
const COLUMNS: [string, (pack: string) => boolean][] = [
  ['own rules', (pack) => pack === 'ScaleTiers'],
  ['CDK validator', (pack) => pack === 'CloudFormation-Validate'],
  ['AwsSolutions', (pack) => pack === 'AwsSolutions'],
  ['HIPAA, NIST, PCI, Serverless', (pack) => /^(HIPAA|NIST|PCI|Serverless)/.test(pack)],
  ['Control Tower', (pack) => pack === 'ControlTower'],
  ['cfn-lint', (pack) => pack === 'cfn-lint'],
  ['Checkov', (pack) => pack === 'Checkov'],
  ['Cloudsplaining, Parliament', (pack) => /^(Cloudsplaining|Parliament)$/.test(pack)],
];

/** Where the faults of a bed stand: the tools that need Python look at one template at a time, and would say the same of the others. */
const templateOf = (assembly: Assembly) => homeOf(assembly).templatePath!;

/** Our checks, and the tools that need Python: each starts once for all beds, which takes it longer than most templates. */
async function everyCheck(beds: Bed[]): Promise<(assembly: Assembly) => Promise<Check[]>> {
  const templates = new Set(beds.flatMap(({ assembly, healthy }) => [templateOf(assembly), templateOf(healthy)]));
  const reports = await runPythonTools([...templates], mkdtempSync(join(tmpdir(), 'tools-')));
  return async (assembly) => [...checksFor({}), ...reports.map((report) => importedCheck(onlyOf(templateOf(assembly), report)))];
}

/** A report with nothing in it but what it says of one template. */
function onlyOf(template: string, report: string): string {
  const log = JSON.parse(readFileSync(report, 'utf8'));
  for (const run of log.runs) {
    run.results = run.results.filter(({ locations }: { locations: SarifLocation[] }) =>
      locations.some(({ physicalLocation }) => physicalLocation.artifactLocation.uri.replace('file://', '') === template),
    );
  }
  const file = join(mkdtempSync(join(tmpdir(), 'report-')), 'report.sarif');
  writeFileSync(file, JSON.stringify(log));
  return file;
}

interface SarifLocation {
  readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
}

describe('a fault planted into a template of ours', () => {
  let caught: Caught[];
  beforeAll(async () => {
    const beds = bedsOf(PLANTED_FAULTS);
    caught = await caughtBy(beds, await everyCheck(beds));
  }, 1_200_000);

  test('is one of at least sixty, each with a name of its own', () => {
    expect(PLANTED_FAULTS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(PLANTED_FAULTS.map(({ name }) => name)).size).toBe(PLANTED_FAULTS.length);
    expect(caught.length).toBe(PLANTED_FAULTS.length);
  });

  test.each(PLANTED_FAULTS.map((fault): [string, string] => [fault.name, fault.by]))('%s, is reported by %s', (name, by) => {
    expect(caught.find(({ fault }) => fault.name === name)?.ids).toContain(by);
  });

  test('is a row of the table of which tool catches which', () => {
    const rows = PLANTED_FAULTS.map((fault) => rowOf(caught.find((one) => one.fault === fault)!));
    const filled = (cells: string[]) => cells.slice(1).filter((cell) => cell !== '').length;
    expect(rows.filter((cells) => filled(cells) === 0)).toEqual([]);
    const tools = COLUMNS.map(([name], column) => {
      const own = rows.filter((cells) => cells[column + 1] !== '');
      return [name, String(own.length), String(own.filter((cells) => filled(cells) === 1).length)];
    });
    const head = ['Tool', 'Faults it reports', 'Faults nobody else reports'];
    expectSection('docs/planted-faults.md', 'catches', markdownTable(head, tools, [1, 2]));
    expectSection('docs/planted-faults.md', 'faults', markdownTable(['Fault', ...COLUMNS.map(([name]) => name)], rows));
  });
});

/** The fault, and for each tool one rule that reports it and how many more. */
function rowOf({ fault, ids }: Caught): string[] {
  const cells = COLUMNS.map(([, has]) => {
    const rules = ids.filter((id) => has(id.split('::')[0])).map((id) => id.split('::')[1]);
    return rules.length === 0 ? '' : `\`${shortest(rules)}\`${rules.length > 1 ? ` +${rules.length - 1}` : ''}`;
  });
  return [`${fault.name} (stage ${fault.stage})`, ...cells];
}

function shortest(rules: string[]): string {
  return [...rules].sort((left, right) => left.length - right.length || left.localeCompare(right))[0];
}
