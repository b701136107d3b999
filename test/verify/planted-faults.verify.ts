import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assembly } from '../../lib/assembly/cloud-assembly';
import type { Check } from '../../lib/review/checks/check';
import { checksFor } from '../../lib/review/checks/list';
import { importedCheck } from '../../lib/review/imported';
import { expectSection, markdownTable } from '../generated-section';
import { PLANTED_FAULTS } from '../review/planted-faults';
import { bedsOf, type Caught, caughtBy } from '../review/planting';
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

/** Our checks, and the tools that need Python. Those look at one template at a time: of every product only the one that has faults. */
async function everyCheck({ stacks }: Assembly): Promise<Check[]> {
  const planted = stacks.filter(({ stackName }) => stackName === 'Shop').map(({ templatePath }) => templatePath!);
  const reports = await runPythonTools(planted, mkdtempSync(join(tmpdir(), 'tools-')));
  return [...checksFor({}), ...reports.map(importedCheck)];
}

describe('a fault planted into a template of ours', () => {
  let caught: Caught[];
  beforeAll(async () => {
    caught = await caughtBy(bedsOf(PLANTED_FAULTS), everyCheck);
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
