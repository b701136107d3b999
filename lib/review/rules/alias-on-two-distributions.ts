import { items } from '../../assembly/values';
import { mayMeet } from '../template/deployed-resources';
import { deployments } from '../template/deployments';
import { DISTRIBUTION, distributions } from '../template/distributions';
import type { TemplateRule } from './rule';

export const aliasOnTwoDistributions: TemplateRule = {
  id: 'alias-on-two-distributions',
  severity: 'error',
  sentence: 'a name is an alias of one distribution only, CloudFront refuses it on a second one (CNAMEAlreadyExists)',
  source: 'Amazon CloudFront Developer Guide, Use custom URLs by adding alternate domain names, Restrictions',
  types: [DISTRIBUTION],
  find: (assembly) =>
    deployments(assembly).flatMap((deployment) => {
      const all = distributions(deployment);
      return all.flatMap((distribution, index) =>
        items(distribution.config.Aliases).flatMap((alias, place) => {
          if (typeof alias !== 'string') return [];
          const other = all.slice(0, index).find((earlier) => mayMeet(earlier, distribution) && isAliasOf(alias, earlier.config));
          if (!other) return [];
          const { stack, logicalId } = distribution;
          const details = `${alias} is an alias of ${other.logicalId} of ${other.stack.region} too`;
          return [{ stack, logicalId, property: `DistributionConfig.Aliases.${place}`, details }];
        }),
      );
    }),
};

function isAliasOf(name: string, { Aliases }: Record<string, unknown>): boolean {
  return items(Aliases).some((alias) => typeof alias === 'string' && alias.toLowerCase() === name.toLowerCase());
}
