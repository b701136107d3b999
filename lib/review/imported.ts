import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Assembly } from '../assembly/cloud-assembly';
import { isObject, items, valueAt } from '../assembly/values';
import type { Check, CheckRun } from './checks/check';
import type { Finding } from './finding';
import type { Place } from './places/place';
import { type Places, placesOf } from './places/places';
import type { AcknowledgementEntry } from './register/acknowledgement-entry';
import { isReason, pathTo } from './register/acknowledgements';
import type { Severity } from './review';

/** A file to import holds no results that this library can read. The message is meant for the user. */
export class UnusableImportError extends Error {}

type Json = Record<string, unknown>;

/** The names under which acknowledgements know tools that call themselves something else. */
const PACKS: [RegExp, string][] = [
  [/^cfn-?lint$/i, 'cfn-lint'],
  [/^(checkov|bridgecrew)$/i, 'Checkov'],
  [/^cloudsplaining$/i, 'Cloudsplaining'],
  [/^parliament$/i, 'Parliament'],
];

/**
 * The results that another tool wrote as SARIF 2.1.0, as a check of ours; those of the first tool if the file has several.
 *
 * @throws UnusableImportError if the file is no such thing
 */
export function importedCheck(file: string): Check {
  return importedChecks(file)[0];
}

/**
 * The results of every tool in a file of SARIF 2.1.0.
 *
 * @throws UnusableImportError if the file is no such thing
 */
export function importedChecks(file: string): Check[] {
  const byPack = new Map<string, Json[]>();
  for (const run of readRuns(file)) byPack.set(packOf(run), [...(byPack.get(packOf(run)) ?? []), run]);
  return [...byPack].map(([pack, runs]) => ({
    pack,
    title: `${pack} (from ${basename(file)})`,
    imported: true,
    run: async (assembly) => importedRun(pack, runs, assembly),
  }));
}

function readRuns(file: string): Json[] {
  let log: unknown;
  try {
    log = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UnusableImportError(`'${file}' cannot be read as JSON: ${(error as Error).message}`);
  }
  const runs = isObject(log) && log.version === '2.1.0' && Array.isArray(log.runs) ? log.runs : undefined;
  if (!runs?.every((run) => typeof valueAt(run, ['tool', 'driver', 'name']) === 'string')) {
    throw new UnusableImportError(
      `'${file}' is no SARIF 2.1.0 file, have the tool write one, such as cfn-lint --format sarif or checkov --output sarif`,
    );
  }
  if (runs.length === 0) throw new UnusableImportError(`'${file}' holds no run of any tool, run the tool again`);
  return runs as Json[];
}

function packOf(run: Json): string {
  const name = text(valueAt(run, ['tool', 'driver', 'name']));
  return PACKS.find(([pattern]) => pattern.test(name))?.[1] ?? name.trim().replaceAll(/\s+/g, '-');
}

function importedRun(pack: string, runs: Json[], assembly: Assembly): CheckRun {
  const places = placesOf(assembly);
  const read = runs.flatMap((run) => {
    const results = items(run.results).filter(isObject);
    return results
      .filter(({ kind }) => kind !== 'pass' && kind !== 'notApplicable')
      .map((result) => readResult(pack, run, result, places));
  });
  const driver = valueAt(runs[0], ['tool', 'driver']) as Json;
  const version = text(driver.version) || text(driver.semanticVersion);
  return {
    ...(version === '' ? {} : { version }),
    // A log names the rules that found something, not those that ran.
    findings: read.map(({ finding }) => finding),
    acknowledgements: read.map(({ suppression }) => suppression).filter((entry) => entry !== undefined),
  };
}

function readResult(
  pack: string,
  run: Json,
  result: Json,
  places: Places,
): { finding: Finding; suppression?: AcknowledgementEntry } {
  const rule = ruleOf(run, result);
  const ruleId = text(result.ruleId) || text(valueAt(result, ['rule', 'id'])) || text(rule.id) || 'unnamed';
  const location = items(result.locations)
    .filter(isObject)
    .map((one) => locationOf(one, run));
  const place = location.map(({ file, line }) => places.at(file, line)).find((one) => one !== undefined);
  const said = text(valueAt(result, ['message', 'text'])) || text(valueAt(rule, ['shortDescription', 'text'])) || ruleId;
  const nowhere = !place && location.length > 0 ? ` (${location[0].file}:${location[0].line})` : '';
  const finding: Finding = {
    id: `${pack}::${ruleId}`,
    severity: severityOf(text(result.level) || text(valueAt(rule, ['defaultConfiguration', 'level']))),
    message: `${said}${nowhere}`,
    ...(text(rule.helpUri) === '' ? {} : { source: text(rule.helpUri) }),
    ...(place ? { place } : {}),
  };
  return { finding, suppression: place && suppressionOf(pack, finding, result, place, places) };
}

/** Rules stand with the tool or with one of its extensions, and a result may name its rule by position. */
function ruleOf(run: Json, result: Json): Json {
  const rules = [valueAt(run, ['tool', 'driver']), ...items(valueAt(run, ['tool', 'extensions']))].flatMap((component) =>
    items(valueAt(component, ['rules'])).filter(isObject),
  );
  const own = items(valueAt(run, ['tool', 'driver', 'rules']));
  return (
    rules.find(({ id }) => id === result.ruleId) ??
    (isObject(own[Number(result.ruleIndex)]) ? (own[Number(result.ruleIndex)] as Json) : {})
  );
}

function locationOf(location: Json, run: Json): { file: string; line: number } {
  const artifact = valueAt(location, ['physicalLocation', 'artifactLocation']);
  const index = Number(valueAt(artifact, ['index']));
  const uri = text(valueAt(artifact, ['uri'])) || text(valueAt(items(run.artifacts)[index], ['location', 'uri']));
  return { file: fileOf(uri), line: Number(valueAt(location, ['physicalLocation', 'region', 'startLine']) ?? 1) };
}

function fileOf(uri: string): string {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : decodeURIComponent(uri);
  } catch {
    // Not every tool encodes what it writes: a path with a per cent sign in it.
    return uri;
  }
}

function severityOf(level: string): Severity {
  return level === 'error' || level === 'warning' ? level : level === '' ? 'warning' : 'note';
}

function suppressionOf(
  pack: string,
  { id }: Finding,
  result: Json,
  place: Place,
  places: Places,
): AcknowledgementEntry | undefined {
  const suppressions = items(result.suppressions).filter(isObject);
  const accepted = suppressions.length > 0 && suppressions.every(({ status = 'accepted' }) => status === 'accepted');
  if (!accepted) return undefined;
  const reason = text(suppressions[0].justification);
  const fault = isReason(reason) ? {} : { fault: 'no reason' };
  return { id, reason, path: pathTo(place, places), stack: place.stack, form: pack, covers: 0, ...fault };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
