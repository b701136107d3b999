import { parseArgs } from 'node:util';
import { readAssembly, UnusableAssemblyError } from '../../lib/assembly/cloud-assembly';
import { readAcceptances, UnusableAcceptancesError } from '../../lib/promotion/acceptances';
import { comparePromotion } from '../../lib/promotion/compare';
import { reportTable } from '../../lib/promotion/report-table';

const USAGE = `scale-tiers check BEFORE AFTER [options]

Says what deploying one cloud assembly over another does to every resource, and whether anything that holds
state is lost. BEFORE and AFTER are folders that cdk synth wrote, such as cdk.out/assembly-stage1.

  --json          the whole report, for machines
  --accept FILE   losses accepted in writing: [{ "stackName", "logicalId", "verdict", "reason" }], with a "region" where
                  several stacks have the name
  --all           list every resource
  --help          this text

Exit code: 0 safe, 1 something stateful is at risk, or the deploy would be refused or has to be split
(see scale-tiers plan), 2 unusable input.
`;

/** `scale-tiers check`: 0 safe, 1 not safe, 2 unusable input. */
export async function run(args: string[]): Promise<number> {
  try {
    return check(args);
  } catch (error) {
    if (!isUsersMistake(error)) throw error;
    process.stderr.write(`scale-tiers check: ${error.message}\n`);
    return 2;
  }
}

function check(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      all: { type: 'boolean' },
      accept: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (positionals.length !== 2) {
    const given = `got ${positionals.length} ${positionals.length === 1 ? 'folder' : 'folders'}`;
    process.stderr.write(
      `scale-tiers check: needs two cloud assemblies, BEFORE and AFTER, ${given} (see scale-tiers check --help)\n`,
    );
    return 2;
  }
  const acceptances = values.accept === undefined ? [] : readAcceptances(values.accept);
  const [before, after] = positionals.map(readAssembly);
  const report = comparePromotion(before, after, { acceptances });
  process.stdout.write(
    values.json ? `${JSON.stringify(report, undefined, 2)}\n` : reportTable(report, { all: values.all, colour: wantsColour() }),
  );
  return report.safe ? 0 : 1;
}

function wantsColour(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR;
}

function isUsersMistake(error: unknown): error is Error {
  if (error instanceof UnusableAssemblyError || error instanceof UnusableAcceptancesError) return true;
  return String((error as NodeJS.ErrnoException | undefined)?.code).startsWith('ERR_PARSE_ARGS');
}
