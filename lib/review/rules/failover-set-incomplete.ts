import { RECORD_TYPES, recordsByNameAndType } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const failoverSetIncomplete: TemplateRule = {
  id: 'failover-set-incomplete',
  severity: 'warning',
  sentence: 'a set of failover records needs a PRIMARY and a SECONDARY, or there is nothing to fail over to',
  source: 'CloudFormation AWS::Route53::RecordSet, Failover',
  types: RECORD_TYPES,
  find: (assembly) =>
    recordsByNameAndType(assembly).flatMap((records) => {
      const routed = records.filter(({ policies }) => policies.includes('failover'));
      const roles = routed.map(({ properties }) => properties.Failover);
      if (routed.length === 0 || !roles.every((role) => typeof role === 'string')) return [];
      const missing = ['PRIMARY', 'SECONDARY'].filter((role) => !roles.includes(role));
      if (missing.length !== 1) return [];
      const { stack, logicalId, at, recordType, name } = routed[0];
      return [{ stack, logicalId, property: `${at}Failover`, details: `${recordType} record ${name} has no ${missing[0]}` }];
    }),
};
