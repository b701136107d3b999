import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readAssembly, UnusableAssemblyError } from '../../lib/assembly/cloud-assembly';
import { checksFor } from '../../lib/review/checks/list';
import { importedChecks, UnusableImportError } from '../../lib/review/imported';
import { makeReview } from '../../lib/review/make-review';
import { htmlPage } from '../../lib/review/page/html';
import { markdownPage } from '../../lib/review/page/markdown';
import { sarifLog } from '../../lib/review/page/sarif';
import type { Review, Severity } from '../../lib/review/review';
import { promotionVerdict } from './promotion-verdict';
import { progressLines } from './review-progress';

const USAGE = `scale-tiers review ASSEMBLY --out DIR [options]

Runs every check over a cloud assembly (any CDK app's: a folder that cdk synth wrote, such as cdk.out), matches what
they find with what was acknowledged, and writes one page on which somebody can sign: review.html, and the same as
review.md (for a pull request), review.json (docs/review-schema.json) and review.sarif (for code scanning).

  --out DIR         folder to write into
  --against FOLDER  an earlier assembly: the page says what changed, and whether deploying this over it is safe
  --import FILE     results of another tool in SARIF 2.1.0, such as those of cfn-lint and Checkov; may be repeated
  --fail-on LEVEL   the least severity of an open finding that fails: error, warning (default), note, or never
  --json            print review.json instead of the closing lines
  --help            this text

Exit code: 0 clean, 1 open findings (or a deploy over the earlier assembly is not safe), 2 unusable input.
`;

const LEVELS = ['error', 'warning', 'note', 'never'];

/** What the user got wrong, in one sentence. */
class UsageError extends Error {}

/** `scale-tiers review`: 0 clean, 1 open findings, 2 unusable input. */
export async function run(args: string[]): Promise<number> {
  try {
    return await review(args);
  } catch (error) {
    if (!isUsersMistake(error)) throw error;
    process.stderr.write(`scale-tiers review: ${error.message}\n`);
    return 2;
  }
}

async function review(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      against: { type: 'string' },
      import: { type: 'string', multiple: true },
      'fail-on': { type: 'string', default: 'warning' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { out, against, 'fail-on': failOn } = values;
  if (positionals.length !== 1) {
    throw new UsageError(`needs one cloud assembly, got ${positionals.length} folders (see scale-tiers review --help)`);
  }
  if (!out) throw new UsageError('needs a folder to write into, such as --out review');
  if (!LEVELS.includes(failOn)) throw new UsageError(`--fail-on must be one of ${LEVELS.join(', ')}, got '${failOn}'`);
  // Constructs are made of the templates' resources: whoever reviews them wants no advice on how to write constructs.
  process.env.JSII_DEPRECATED = 'quiet';
  // Before the checks run: nobody should wait for them to hear that a file is not there.
  const checks = [...checksFor({}), ...(values.import ?? []).flatMap(importedChecks)];
  const assembly = readAssembly(positionals[0]);
  const before = against === undefined ? undefined : readAssembly(against);
  makeFolder(out);
  const made = await makeReview(assembly, {
    checks,
    ...(failOn === 'never' ? {} : { failOn: failOn as Severity }),
    ...(before ? { against: { assembly: before, promotion: promotionVerdict(before, assembly) } } : {}),
    ...(process.stderr.isTTY ? { onCheck: progressLines((text) => process.stderr.write(text)) } : {}),
  });
  write(made, out);
  process.stdout.write(values.json ? json(made) : closingLines(made, out));
  return made.verdict.clean || failOn === 'never' ? 0 : 1;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write into '${folder}': ${(error as Error).message}`);
  }
}

function write(made: Review, folder: string): void {
  const files = {
    'review.html': htmlPage(made),
    'review.md': markdownPage(made),
    'review.json': json(made),
    'review.sarif': sarifLog(made),
  };
  for (const [name, text] of Object.entries(files)) {
    try {
      writeFileSync(join(folder, name), text);
    } catch (error) {
      throw new UsageError(`cannot write ${name} into '${folder}': ${(error as Error).message}`);
    }
  }
}

function json(made: Review): string {
  return `${JSON.stringify(made, undefined, 2)}\n`;
}

function closingLines({ verdict, checks, stacks, acknowledgements }: Review, folder: string): string {
  const idle = checks.filter(({ notRun }) => notRun !== undefined).map(({ title, notRun }) => `  not run: ${title}, ${notRun}`);
  const counts = [
    counted(stacks.length, 'stack'),
    counted(checks.length - idle.length, 'check'),
    counted(acknowledgements.length, 'acknowledgement'),
  ];
  return [verdict.sentence, `  ${counts.join(', ')}`, ...idle, `  ${join(folder, 'review.html')}`, ''].join('\n');
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function isUsersMistake(error: unknown): error is Error {
  if (error instanceof UsageError || error instanceof UnusableAssemblyError || error instanceof UnusableImportError) return true;
  return String((error as NodeJS.ErrnoException | undefined)?.code).startsWith('ERR_PARSE_ARGS');
}
