import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { checksFor } from '../../lib/review/checks/list';
import { importedCheck } from '../../lib/review/imported';
import { expectSection, markdownTable } from '../generated-section';
import { PLANTED_FAULTS } from '../review/planted-faults';
import { bedsOf, caughtBy, templatesOf } from '../review/planting';
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

async function everyCheck(assembly: Assembly) {
  const files = await runPythonTools(templatesOf(assembly), mkdtempSync(join(tmpdir(), 'tools-')));
  return [...checksFor({}), ...files.map(importedCheck)];
}

test('the table of planted faults says which tool catches which', async () => {
  const caught = await caughtBy(bedsOf(PLANTED_FAULTS), everyCheck);
  const rows = caught.map(({ fault, ids }) => [
    `${fault.name} (stage ${fault.stage})`,
    ...COLUMNS.map(([, has]) => {
      const rules = ids
        .filter((id) => has(id.split('::')[0]))
        .map((id) => id.split('::')[1].replace(/^(.*)-(?=[A-Za-z0-9]+$)/, '$1-'));
      return rules.length === 0 ? '' : `\`${shortest(rules)}\`${rules.length > 1 ? ` +${rules.length - 1}` : ''}`;
    }),
  ]);
  const alone = COLUMNS.map(([name], column) => {
    const only = rows.filter((cells) => cells[column + 1] !== '' && cells.filter((cell) => cell !== '').length === 2).length;
    return [name, String(rows.filter((cells) => cells[column + 1] !== '').length), String(only)];
  });
  const blind = rows.filter((cells) => cells.slice(1).every((cell) => cell === ''));
  expect(blind).toEqual([]);
  expectSection(
    'docs/planted-faults.md',
    'catches',
    markdownTable(['Tool', 'Faults it reports', 'Faults nobody else reports'], alone, [1, 2]),
  );
  expectSection('docs/planted-faults.md', 'faults', markdownTable(['Fault', ...COLUMNS.map(([name]) => name)], rows));
}, 1_200_000);

function shortest(rules: string[]): string {
  return [...rules].sort((left, right) => left.length - right.length || left.localeCompare(right))[0];
}
