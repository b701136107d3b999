import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../generated-section';

/** Where verify/install.mjs puts the tools. */
const BIN = join(ROOT, 'node_modules/.cache/verify/venv/bin');

/** Runs cfn-lint, Checkov, Cloudsplaining and Parliament over templates; resolves to their SARIF files. */
export async function runPythonTools(templates: string[], out: string): Promise<string[]> {
  mkdirSync(join(out, 'checkov'), { recursive: true });
  const lint = join(out, 'cfn-lint.sarif');
  const [cloudsplaining, parliament] = ['cloudsplaining', 'parliament'].map((name) => join(out, `${name}.sarif`));
  const [linted] = await Promise.all([
    run('cfn-lint', ['--format', 'sarif', '--template', ...templates]),
    run('checkov', [
      ...['--framework', 'cloudformation', '--quiet', '--compact', '--skip-download', '--soft-fail'],
      ...['--output', 'sarif', '--output-file-path', join(out, 'checkov')],
      ...templates.flatMap((template) => ['--file', template]),
    ]).then(() =>
      run('python', [
        join(ROOT, 'verify/iam_policies.py'),
        ...templates,
        ...['--cloudsplaining', cloudsplaining, '--parliament', parliament],
      ]),
    ),
  ]);
  writeFileSync(lint, linted);
  return [lint, join(out, 'checkov/results_sarif.sarif'), cloudsplaining, parliament];
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
