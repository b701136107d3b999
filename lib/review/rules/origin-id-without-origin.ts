import { isIntrinsic, isObject, items } from '../../assembly/values';
import { behaviors, DISTRIBUTION, type Distribution, distributions } from '../template/distributions';
import type { TemplateRule } from './rule';

export const originIdWithoutOrigin: TemplateRule = {
  id: 'origin-id-without-origin',
  severity: 'error',
  sentence:
    'every origin id that a CloudFront distribution uses is the Id of one of its origins or origin groups, or CloudFront refuses it',
  source: 'CloudFormation AWS::CloudFront::Distribution DefaultCacheBehavior, TargetOriginId, and OriginGroupMember, OriginId',
  types: [DISTRIBUTION],
  find: (assembly) =>
    distributions(assembly).flatMap((distribution) => {
      const { stack, logicalId, config } = distribution;
      const origins = idsOf(config.Origins);
      const groups = idsOf(isObject(config.OriginGroups) ? config.OriginGroups.Items : config.OriginGroups);
      if (origins === undefined || groups === undefined) return [];
      const faults = [
        ...behaviors(distribution).map(({ property, settings }) => ({
          property: `${property}.TargetOriginId`,
          id: settings.TargetOriginId,
          allowed: [...origins, ...groups],
        })),
        ...membersOf(distribution).map((member) => ({ ...member, allowed: origins })),
      ].filter(({ id, allowed }) => typeof id === 'string' && !allowed.includes(id));
      return faults.map(({ property, id, allowed }) => {
        return { stack, logicalId, property, details: `${id} is none of ${allowed.join(', ') || 'none'}` };
      });
    }),
};

/** Undefined where an id is not known. */
function idsOf(list: unknown): string[] | undefined {
  if (list === undefined) return [];
  if (isIntrinsic(list)) return undefined;
  const ids = items(list).map((item) => (isObject(item) ? item.Id : undefined));
  return ids.every((id) => typeof id === 'string') ? ids : undefined;
}

function membersOf({ config }: Distribution): { property: string; id: unknown }[] {
  const groups = items(isObject(config.OriginGroups) ? config.OriginGroups.Items : undefined);
  return groups.flatMap((group, index) => {
    const members = isObject(group) && isObject(group.Members) ? items(group.Members.Items) : [];
    return members.map((member, place) => ({
      property: `DistributionConfig.OriginGroups.Items.${index}.Members.Items.${place}.OriginId`,
      id: isObject(member) ? member.OriginId : undefined,
    }));
  });
}
