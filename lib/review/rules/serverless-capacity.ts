import { isObject } from '../../assembly/values';
import { type FirstVersions, hasSince } from '../template/engine-version';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { CLUSTER } from '../template/global-databases';
import { knownNumber, knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

/** First versions that can pause, and so take a minimum of 0 (AuroraUserGuide, aurora-serverless-v2-auto-pause). */
const PAUSES: Readonly<Record<string, FirstVersions>> = {
  'aurora-postgresql': { 13: '13.15', 14: '14.12', 15: '15.7', 16: '16.3' },
  'aurora-mysql': { 3: '3.08' },
};

const PROPERTY = 'ServerlessV2ScalingConfiguration';

/** Aurora Serverless v2: the range that an instance scales in. */
export const serverlessCapacity: TemplateRule = {
  id: 'serverless-capacity',
  severity: 'error',
  sentence:
    'a serverless Aurora cluster scales between 0.5 (0 where its version can pause) and 256 capacity units in steps of 0.5, from a minimum that is not above the maximum: RDS refuses anything else',
  source: 'Amazon RDS API Reference, ServerlessV2ScalingConfiguration; Amazon Aurora User Guide, Scaling to Zero ACUs',
  types: [CLUSTER],
  find: (assembly) => resourcesOf(assembly, [CLUSTER]).flatMap(findings),
};

function findings(cluster: FoundResource): RuleFinding[] {
  const scaling = cluster.properties[PROPERTY];
  if (!isObject(scaling)) return [];
  const [min, max] = [knownNumber(scaling.MinCapacity), knownNumber(scaling.MaxCapacity)];
  const wrong = (name: string, details: string) => at(cluster, `${PROPERTY}.${name}`, details);
  const found: RuleFinding[] = [];
  for (const [name, value, least] of [
    ['MinCapacity', min, 0],
    ['MaxCapacity', max, 1],
  ] as const) {
    if (value === undefined) continue;
    if (value < least || value > 256) found.push(wrong(name, `it is ${value}, allowed are ${least} to 256`));
    else if (value % 0.5 !== 0) found.push(wrong(name, `it is ${value}, which is no multiple of 0.5`));
  }
  if (min !== undefined && max !== undefined && min > max) {
    found.push(wrong('MinCapacity', `the minimum is ${min}, the maximum ${max}`));
  }
  if (min === 0 && !canPause(cluster)) {
    const version = `${cluster.properties.Engine} ${cluster.properties.EngineVersion}`;
    found.push(wrong('MinCapacity', `it is 0, and ${version} cannot pause: the least is 0.5`));
  }
  return found;
}

/** What is not known may. */
function canPause({ properties }: FoundResource): boolean {
  const version = knownText(properties.EngineVersion);
  const first = PAUSES[knownText(properties.Engine) ?? ''];
  return version === undefined || first === undefined || hasSince(version, first);
}
