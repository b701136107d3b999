import { createHash } from 'node:crypto';
import { isAbsolute, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding } from '../finding';
import type { Place, SourceLine } from '../places/place';
import type { Review } from '../review';
import { ruleOf } from '../rule-id';

type Json = Record<string, unknown>;

/** The review as SARIF 2.1.0, for code scanning and whatever else reads findings. */
export function sarifLog(review: Review): string {
  const ruleIds = [...new Set(review.findings.map(({ id }) => ruleOf(id)))].sort();
  const seen = new Map<string, number>();
  const log: Json = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'cdk-scale-tiers',
            version: review.library,
            informationUri: 'https://github.com/cdk-scale-tiers/cdk-scale-tiers',
            rules: ruleIds.map((id) => rule(id, review.findings)),
          },
        },
        automationDetails: { id: 'scale-tiers-review/' },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(process.cwd()).href}/` } },
        invocations: [invocation(review)],
        results: review.findings.map((finding) => result(finding, ruleIds, review, seen)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

/** Of a rule a review knows what its findings say. */
function rule(id: string, findings: Finding[]): Json {
  const found = findings.filter((finding) => ruleOf(finding.id) === id);
  const [{ message, remedy, source }] = found;
  const help = [message, remedy && `What to do: ${remedy}`, source && `Source: ${source}`].filter(Boolean).join('\n\n');
  const worst = (['error', 'warning', 'note'] as const).find((level) => found.some(({ severity }) => severity === level));
  return {
    id,
    shortDescription: { text: message },
    help: { text: help },
    ...(source !== undefined && /^https:\S+$/.test(source) ? { helpUri: source } : {}),
    defaultConfiguration: { level: worst },
    properties: { tags: ['security', id.split('::')[0]] },
  };
}

function invocation({ checks, made }: Review): Json {
  const idle = checks.filter(({ notRun }) => notRun !== undefined);
  return {
    executionSuccessful: true,
    endTimeUtc: made,
    ...(idle.length === 0
      ? {}
      : {
          toolConfigurationNotifications: idle.map(({ title, notRun }) => {
            return { level: 'warning', message: { text: `${title} did not run: ${notRun}` } };
          }),
        }),
  };
}

function result(finding: Finding, ruleIds: string[], review: Review, seen: Map<string, number>): Json {
  const { id, severity, message, remedy, place, property, acknowledgement } = finding;
  const ruleId = ruleOf(id);
  const answer = acknowledgement === undefined ? undefined : review.acknowledgements[acknowledgement];
  const template = place ? templateLocation(place, property, review) : undefined;
  const code = place?.source && codeLocation(place.source, place, property);
  return {
    ruleId,
    ruleIndex: ruleIds.indexOf(ruleId),
    level: severity,
    message: { text: remedy === undefined ? message : `${message}\n\n${remedy}` },
    // Code scanning shows the first location, and can only show it where the file is in the repository: the code.
    locations: [code ?? template ?? { physicalLocation: { artifactLocation: artifact(join(review.assembly, 'manifest.json')) } }],
    ...(code && template ? { relatedLocations: [{ id: 1, ...template, message: { text: 'in the template' } }] } : {}),
    partialFingerprints: { 'scaleTiersFinding/v1': fingerprint(finding, seen) },
    ...(answer
      ? {
          suppressions: [
            {
              kind: 'inSource',
              status: 'accepted',
              justification: answer.reason,
              ...(answer.where ? { location: { physicalLocation: physical(answer.where) } } : {}),
            },
          ],
        }
      : {}),
    properties: { id, ...(property === undefined ? {} : { property }) },
  };
}

function templateLocation(place: Place, property: string | undefined, { assembly }: Review): Json {
  const location = artifact(join(assembly, place.templateFile));
  return {
    physicalLocation: { artifactLocation: location, ...(place.line === undefined ? {} : { region: { startLine: place.line } }) },
    logicalLocations: logical(place, property),
  };
}

function codeLocation(source: SourceLine, place: Place, property: string | undefined): Json {
  return { physicalLocation: physical(source), logicalLocations: logical(place, property) };
}

function physical({ file, line }: SourceLine): Json {
  return { artifactLocation: artifact(file), region: { startLine: line } };
}

/** The construct path, and what CloudFormation calls it. */
function logical({ path, stack, logicalId }: Place, property: string | undefined): Json[] {
  const resource = {
    name: logicalId,
    fullyQualifiedName: `${stack}/${logicalId}${property ? `.${property}` : ''}`,
    kind: 'resource',
  };
  return path === undefined ? [resource] : [{ name: path.split('/').at(-1), fullyQualifiedName: path, kind: 'member' }, resource];
}

/** Relative to the working directory below it, a file URL elsewhere. */
function artifact(file: string): Json {
  const near = isAbsolute(file) ? relative(process.cwd(), file) : file;
  if (near.startsWith('..') || isAbsolute(near)) return { uri: pathToFileURL(file).href };
  const uri = near.split(/[/\\]/).map(encodeURIComponent).join('/');
  return { uri, uriBaseId: 'SRCROOT' };
}

/** The same for the same finding in every run, wherever it moved in its file; equal ones are counted. */
function fingerprint({ id, place, property }: Finding, seen: Map<string, number>): string {
  const what = [id, place?.path ?? `${place?.stack}/${place?.logicalId}`, place?.region, property].join('\n');
  const hash = createHash('sha256').update(what).digest('hex').slice(0, 32);
  const count = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, count);
  return `${hash}:${count}`;
}
