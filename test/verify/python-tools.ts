import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../generated-section';

/** Where verify/install.mjs puts the tools. */
const BIN = join(ROOT, 'node_modules/.cache/verify/venv/bin');

/** Runs cfn-lint, Checkov, Cloudsplaining and Parliament over templates; resolves to their SARIF files. */
export async function runPythonTools(templates: string[], out: string): Promise<string[]> {
  mkdirSync(join(out, 'checkov'), { recursive: true });
  const numbered = templates.map((template, index) => {
    const copy = join(out, 'checkov', `${index}.json`);
    copyFileSync(template, copy);
    return copy;
  });
  const lint = join(out, 'cfn-lint.sarif');
  const [cloudsplaining, parliament] = ['cloudsplaining', 'parliament'].map((name) => join(out, `${name}.sarif`));
  const [linted] = await Promise.all([
    run('cfn-lint', ['--format', 'sarif', '--template', ...templates]),
    run('checkov', [
      ...['--framework', 'cloudformation', '--quiet', '--compact', '--skip-download', '--soft-fail'],
      ...['--output', 'sarif', '--output-file-path', join(out, 'checkov')],
      ...numbered.flatMap((template) => ['--file', template]),
    ]).then(() =>
      run('python', [
        join(ROOT, 'verify/iam_policies.py'),
        ...templates,
        ...['--cloudsplaining', cloudsplaining, '--parliament', parliament],
      ]),
    ),
  ]);
  writeFileSync(lint, linted);
  const checked = join(out, 'checkov/results_sarif.sarif');
  nameAgain(checked, templates);
  return [lint, checked, cloudsplaining, parliament];
}

/**
 * Gives the templates their paths back. Checkov reads numbers, because CKV_AWS_45 takes forty letters in a row for a secret, and the path
 * of the template that it notes beside the variables of a function for one of them (Checkov, get_secrets_from_string).
 */
function nameAgain(report: string, templates: string[]): void {
  const log = JSON.parse(readFileSync(report, 'utf8'));
  for (const { results } of log.runs) {
    for (const { locations } of results) {
      for (const { physicalLocation } of locations) {
        const [, index] = /(\d+)\.json$/.exec(physicalLocation.artifactLocation.uri)!;
        physicalLocation.artifactLocation.uri = pathToFileURL(templates[Number(index)]).href;
      }
    }
  }
  writeFileSync(report, JSON.stringify(log));
}

function run(tool: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(join(BIN, tool), args, { maxBuffer: 2 ** 28, cwd: dirname(BIN) }, (error, stdout, stderr) => {
      // cfn-lint exits with 2, 4 and sums of them when it finds something (docs: exit codes); it says so in its output.
      const found = tool === 'cfn-lint' && typeof error?.code === 'number' && error.code < 16 && stdout.startsWith('{');
      if (error && !found) reject(new Error(`${tool} failed: ${stderr.slice(-2000) || error.message}`));
      else resolve(stdout);
    });
  });
}
