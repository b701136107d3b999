import type { TemplateResource } from '../../assembly/cloud-assembly';
import { isObject, items, sameValue, valueAt } from '../../assembly/values';
import { type DeployRule, finding, type Located, type ResourcePair, type Rule, stays } from './rule';

const AFTERWARDS: Rule = {
  id: 'canary-after-two-groups',
  sentence:
    'a service that rolls takes its second target group and Service Connect first, in a release that rolls, and shifts traffic from the next deploy on',
  source: 'Amazon ECS developer guide, update-rolling-to-bluegreen (prerequisites)',
};

const CONFIGURATION = 'DeploymentConfiguration';

/** What says how traffic shifts, and what may end or hold a release that does. */
const OF_SHIFTS = ['BakeTimeInMinutes', 'CanaryConfiguration', 'LinearConfiguration'];
const OF_RELEASES = ['Alarms', 'LifecycleHooks'];

export const CANARY_AFTER_TWO_GROUPS: DeployRule[] = [
  { ...AFTERWARDS, find: ({ resources }) => resources.filter(startsToShift).map(held) },
];

/**
 * Whether all that changes of a service is how its next releases take over. It starts no deployment, and CloudFormation puts it back
 * at once when the update fails (Amazon ECS developer guide, update-rolling-to-bluegreen; not verified against AWS).
 */
export function changesReleasesOnly(pair: ResourcePair): boolean {
  return pair.type === 'AWS::ECS::Service' && stays(pair) && sameValue(pair.changed, [CONFIGURATION]);
}

function startsToShift(pair: ResourcePair): boolean {
  if (pair.type !== 'AWS::ECS::Service' || !stays(pair)) return false;
  if (shifts(pair.before) || !shifts(pair.after)) return false;
  return (
    (hasTwoGroups(pair.after) && !hasTwoGroups(pair.before)) ||
    (isInServiceConnect(pair.after) && !isInServiceConnect(pair.before))
  );
}

function held(pair: ResourcePair): Located {
  const { stackName, region } = pair.stack;
  const [old, fresh] = [pair.before, pair.after].map((resource) => {
    const configuration = resource?.Properties?.[CONFIGURATION];
    return isObject(configuration) ? configuration : {};
  });
  const left = [...OF_SHIFTS, ...OF_RELEASES];
  const value = {
    ...Object.fromEntries(Object.entries(fresh).filter(([name]) => !left.includes(name))),
    // As it was, since what the later template has may speak of a release that shifts.
    ...Object.fromEntries(OF_RELEASES.filter((name) => name in old).map((name) => [name, old[name]])),
    Strategy: 'ROLLING',
  };
  return {
    resource: pair,
    finding: finding(AFTERWARDS, 'own-deploy', {
      property: `${CONFIGURATION}.Strategy`,
      holds: [{ stackName, region, logicalId: pair.logicalId, path: ['Properties', CONFIGURATION], value }],
    }),
  };
}

function shifts({ Properties }: TemplateResource): boolean {
  const strategy = valueAt(Properties, [CONFIGURATION, 'Strategy']);
  return typeof strategy === 'string' && strategy !== 'ROLLING';
}

function hasTwoGroups({ Properties }: TemplateResource): boolean {
  return items(Properties?.LoadBalancers).some((one) => isObject(one) && isObject(one.AdvancedConfiguration));
}

function isInServiceConnect({ Properties }: TemplateResource): boolean {
  return sameValue(valueAt(Properties, ['ServiceConnectConfiguration', 'Enabled']), true);
}
