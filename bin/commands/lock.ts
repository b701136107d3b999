import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readAssembly, UnusableAssemblyError } from '../../lib/assembly/cloud-assembly';
import {
  agreed,
  counterpart,
  differences,
  type IdentityChange,
  isHistory,
  isReason,
  LOCK_FILE,
  type Lock,
  LockError,
  lockText,
  makeLock,
  readLock,
  withNested,
} from '../../lib/promotion/lock';

const USAGE = `usage: scale-tiers lock ASSEMBLY [--out FILE] [--reason "..."]

Writes the lock file that PromotionLock holds every synthesis against.

ASSEMBLY       folder that cdk synth wrote, such as cdk.out or cdk.out/assembly-stage2
--out FILE     lock file, ${LOCK_FILE} unless given
--reason "..." why stateful resources of the existing lock may go, change type or change for good; kept in the lock

exit code      0: written, 1: the identity of something stateful changes and no reason is given, 2: unusable input`;

/** Runs `scale-tiers lock`. */
export async function run(args: string[]): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { out: { type: 'string' }, reason: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    if (positionals.length !== 1)
      throw new LockError(`needs one assembly, got ${positionals.length} (see scale-tiers lock --help)`);
    if (values.reason !== undefined && !isReason(values.reason)) {
      throw new LockError(
        `the reason '${values.reason}' is too short: say in a sentence of six words or more why nothing is lost`,
      );
    }
    return lock(positionals[0], values.out ?? LOCK_FILE, values.reason);
  } catch (error) {
    if (!(error instanceof UnusableAssemblyError || error instanceof LockError || isUsageError(error))) throw error;
    console.error(`scale-tiers lock: ${(error as Error).message}`);
    return 2;
  }
}

function lock(directory: string, file: string, reason: string | undefined): number {
  const stacks = withNested(readAssembly(directory).stacks);
  const fresh = makeLock(stacks, []);
  const changes: IdentityChange[] = [];
  const isPast = (change: IdentityChange) => isHistory(change, fresh);
  if (existsSync(file)) {
    const old = readLock(file);
    const found = old.stacks.flatMap((locked) => differences(old, locked, counterpart(locked, stacks)));
    if (found.length > 0 && reason === undefined) {
      console.error(found.map(({ sentence }) => `${sentence}.`).join('\n'));
      console.error(`\n${file} is unchanged. If nothing is lost, say why: --reason "..."`);
      return 1;
    }
    changes.push(...[...old.identityChanges, ...found.map((difference) => agreed(difference, reason!))].filter(isPast));
    if (found.length > 0) console.log(`Agreed to:\n${found.map(({ sentence }) => `${sentence}.`).join('\n')}`);
  }
  writeFileSync(file, lockText({ ...fresh, identityChanges: changes }));
  const count = fresh.stacks.reduce((sum, { resources }) => sum + resources.length, 0);
  console.log(`${file}: ${count} stateful ${count === 1 ? 'resource' : 'resources'}. ${stages(fresh)}.`);
  return 0;
}

function stages({ stacks }: Lock): string {
  return stacks.map(({ stackName, region, stage }) => `${stage} in ${stackName} (${region})`).join(', ') || 'No stacks';
}

function isUsageError(error: unknown): boolean {
  return String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS');
}
