import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeAssembly } from '../../lib/assembly/assembly-writer';
import { type Assembly, readAssembly, UnusableAssemblyError } from '../../lib/assembly/cloud-assembly';
import { readAcceptances, UnusableAcceptancesError } from '../../lib/promotion/acceptances';
import { comparePromotion } from '../../lib/promotion/compare';
import { type Deploy, NOTHING, type Plan, planPromotion } from '../../lib/promotion/plan';

const USAGE = `usage: scale-tiers plan BEFORE AFTER [--out DIR] [--json] [--accept FILE]

Prints the deploys that lead from one cloud assembly to another, each of which passes 'scale-tiers check'.

BEFORE         folder of the deployed assembly, such as cdk.out/assembly-stage1; the word 'nothing' for a first deploy
AFTER          folder of the assembly to arrive at
--out DIR      write each deploy as a cloud assembly DIR/1, DIR/2, ... for 'npx cdk deploy --app DIR/1 --all'
--json         print the plan for machines
--accept FILE  JSON file of losses accepted with a written reason, as for 'scale-tiers check'

exit code      0: there is a plan, 1: no sequence of deploys is safe, 2: unusable input`;

/** Lines of a deploy's changes that people are shown; `--json` has all. */
const SHOWN = 5;

/** Runs `scale-tiers plan`. */
export async function run(args: string[]): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        json: { type: 'boolean' },
        accept: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    if (positionals.length !== 2)
      throw new UnusableAssemblyError(
        `needs two assemblies, BEFORE and AFTER, got ${positionals.length} (see scale-tiers plan --help)`,
      );
    return plan(positionals[0], positionals[1], values);
  } catch (error) {
    if (!isUnusableInput(error)) throw error;
    console.error(`scale-tiers plan: ${(error as Error).message}`);
    return 2;
  }
}

function plan(from: string, to: string, values: { out?: string; json?: boolean; accept?: string }): number {
  const before = from === 'nothing' ? NOTHING : readAssembly(from);
  const after = readAssembly(to);
  const acceptances = values.accept === undefined ? [] : readAcceptances(values.accept);
  const found = planPromotion(before, after, (state, next) => comparePromotion(state, next, { acceptances }));
  if (values.out !== undefined) writeDeploys(found, values.out);
  console.log(values.json ? JSON.stringify(forMachines(found, values.out), undefined, 2) : forPeople(found, values.out));
  return found.impossible === undefined ? 0 : 1;
}

function writeDeploys(found: Plan, directory: string): void {
  for (const deploy of found.deploys) writeAssembly(deploy.assembly, join(directory, String(deploy.number)));
}

function forPeople(found: Plan, out: string | undefined): string {
  if (found.impossible !== undefined) return capitalized(found.impossible);
  const count = found.deploys.length;
  const head =
    count === 1
      ? `One deploy leads from ${found.before} to ${found.after}: it passes the check.`
      : `${count} deploys lead from ${found.before} to ${found.after}: each passes the check, the jump in one deploy does not.`;
  const deploys = found.deploys.map((deploy) => deployForPeople(deploy, count, found.after, out));
  const hint = count > 1 && out === undefined ? '\n\n--out DIR writes every deploy as a folder to deploy from.' : '';
  return `${[head, ...deploys].join('\n\n')}${hint}`;
}

function deployForPeople(deploy: Deploy, count: number, after: string, out: string | undefined): string {
  const last = deploy.number === count;
  const lines = [`Deploy ${deploy.number} of ${count}${command(deploy, last, after, out)}`];
  const stacks = deploy.stacks.map(({ stackName, region, added, changed, removed }) => {
    const counts = [`${added} added`, `${changed} changed`, `${removed} removed`].filter((text) => !text.startsWith('0 '));
    return `${stackName} (${region}): ${counts.join(', ')}`;
  });
  lines.push(`  ${stacks.join('; ') || 'no resource changes'}`);
  lines.push(...deploy.notable.slice(0, SHOWN).map((text) => `  ${text}`));
  if (deploy.notable.length > SHOWN)
    lines.push(`  and ${deploy.notable.length - SHOWN} more that hold state or came later (--json lists them)`);
  for (const [why, names] of reasons(deploy)) lines.push(`  later: ${names.join(', ')}: ${why}`);
  if (deploy.waitFor.length > 0) lines.push(`  then wait for: ${deploy.waitFor.join('; ')}`);
  return lines.join('\n');
}

/** What waits for the same reason is told once. */
function reasons({ heldBack }: Deploy): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { name, property, reason, source } of heldBack) {
    const why = `${reason} [${source}]`;
    names.set(why, [...(names.get(why) ?? []), [name, property].filter(Boolean).join(' ')]);
  }
  return names;
}

function command(deploy: Deploy, last: boolean, after: string, out: string | undefined): string {
  if (out !== undefined) return `: npx cdk deploy --app ${join(out, String(deploy.number))} --all`;
  return last ? `: npx cdk deploy --app ${after} --all` : '';
}

function forMachines(found: Plan, out: string | undefined): unknown {
  return {
    before: found.before,
    after: found.after,
    impossible: found.impossible,
    deploys: found.deploys.map(({ number, assembly, stacks, notable, heldBack, waitFor }) => ({
      number,
      directory: out === undefined ? undefined : join(out, String(number)),
      stackNames: stackNames(assembly),
      stacks,
      notable,
      heldBack,
      waitFor,
    })),
  };
}

function stackNames(assembly: Assembly): string[] {
  return assembly.stacks.map(({ stackName }) => stackName);
}

function capitalized(sentence: string): string {
  return `${sentence[0].toUpperCase()}${sentence.slice(1)}.`;
}

function isUnusableInput(error: unknown): boolean {
  if (error instanceof UnusableAssemblyError || error instanceof UnusableAcceptancesError) return true;
  return String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS');
}
