import { RegionInfo } from 'aws-cdk-lib/region-info';
import { policyStatements } from '../template/policy-statements';
import { writtenOut } from '../template/written-out';
import type { TemplateRule } from './rule';

/** Accounts of AWS from which Elastic Load Balancing writes access logs. */
const LOG_DELIVERY = RegionInfo.regions.map(({ elbv2Account }) => elbv2Account);

export const crossAccountPrincipal: TemplateRule = {
  id: 'cross-account-principal',
  severity: 'warning',
  sentence: 'who else than the own account is let in has been looked at: what another account may do, its owner decides',
  source: 'IAM User Guide, Cross account resource access in IAM',
  types: [],
  find: (assembly) =>
    policyStatements(assembly)
      .filter(({ kind, effect, stack }) => {
        return effect === 'Allow' && ['trust', 'resource'].includes(kind) && stack.account !== 'unknown-account';
      })
      .flatMap(({ stack, logicalId, property, principals }) => {
        const accounts = principals.filter(({ kind }) => kind === 'AWS').map(({ value }) => accountOf(writtenOut(value)));
        const others = accounts.filter((account) => account && account !== stack.account && !LOG_DELIVERY.includes(account));
        if (others.length === 0) return [];
        const details = `this one lets in ${[...new Set(others)].join(', ')}`;
        return [{ stack, logicalId, property: property === '' ? 'Principal' : `${property}.Principal`, details }];
      }),
};

function accountOf(principal: string): string | undefined {
  return /^(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(principal)?.[1];
}
