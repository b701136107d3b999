import { existsSync, readFileSync } from 'node:fs';
import { isObject } from '../assembly/values';
import type { Acceptance, ResourceChange, Verdict } from './change';

/** The acceptance file cannot be used. The message is meant for the user. */
export class UnusableAcceptancesError extends Error {}

const ACCEPTABLE: Verdict[] = ['replaced', 'destroyed', 'orphaned', 'refused', 'own-deploy'];
const LEAST_WORDS = 6;

/**
 * Reads a list of accepted losses, such as `scale-tiers.accept.json`.
 *
 * @throws UnusableAcceptancesError at the first entry that is not complete or whose reason is no sentence
 */
export function readAcceptances(file: string): Acceptance[] {
  if (!existsSync(file)) throw new UnusableAcceptancesError(`'${file}' does not exist`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UnusableAcceptancesError(`'${file}' cannot be read as JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(content)) {
    throw new UnusableAcceptancesError(`'${file}' must hold a list of { stackName, logicalId, verdict, reason }`);
  }
  return content.map((entry, index) => checked(entry, `entry ${index + 1} of '${file}'`));
}

function checked(entry: unknown, where: string): Acceptance {
  const { stackName, logicalId, verdict, reason } = isObject(entry) ? entry : {};
  for (const [name, value] of Object.entries({ stackName, logicalId, verdict, reason })) {
    if (typeof value !== 'string' || value === '') {
      throw new UnusableAcceptancesError(`${where} needs a ${name}, got ${JSON.stringify(value) ?? 'nothing'}`);
    }
  }
  const region = (entry as { region?: unknown }).region;
  if (region !== undefined && typeof region !== 'string') {
    throw new UnusableAcceptancesError(`${where} has the region ${JSON.stringify(region)}, which is no text`);
  }
  if (!ACCEPTABLE.includes(verdict as Verdict)) {
    throw new UnusableAcceptancesError(`${where} has verdict '${verdict}', which is none of ${ACCEPTABLE.join(', ')}`);
  }
  const words = String(reason)
    .split(/\s+/)
    .filter((word) => /\p{L}/u.test(word));
  if (words.length < LEAST_WORDS) {
    throw new UnusableAcceptancesError(
      `${where} has the reason '${reason}': say why the loss is acceptable in at least ${LEAST_WORDS} words`,
    );
  }
  return entry as Acceptance;
}

/**
 * The reason under which a change was accepted; a verdict other than the accepted one is not.
 *
 * @param places how many stacks have the name of the change's stack: where there are several, an acceptance must name the region
 */
export function acceptanceFor(change: ResourceChange, acceptances: Acceptance[], places: number): Acceptance | undefined {
  return acceptances.find(
    ({ stackName, region, logicalId, verdict }) =>
      stackName === change.stackName &&
      logicalId === change.logicalId &&
      verdict === change.verdict &&
      (region === undefined ? places === 1 : region === change.region),
  );
}
