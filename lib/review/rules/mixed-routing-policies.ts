import { mayMeet } from '../template/deployed-resources';
import { RECORD_TYPES, recordsByNameAndType } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const mixedRoutingPolicies: TemplateRule = {
  id: 'mixed-routing-policies',
  severity: 'error',
  sentence: 'records of one name and type have one routing policy, Route 53 refuses another beside it',
  source:
    'CloudFormation AWS::Route53::RecordSet, Weight, Region, Failover and GeoLocation ("You can\'t create non-... resource record sets")',
  types: RECORD_TYPES,
  find: (assembly) =>
    recordsByNameAndType(assembly).flatMap((records) =>
      records.flatMap((record, index) => {
        const { stack, logicalId, at, recordType, name, policies } = record;
        const place = { stack, logicalId, property: `${at}Name` };
        if (policies.length > 1) {
          return [{ ...place, details: `${recordType} record ${name} has ${policies.join(' and ')} routing at once` }];
        }
        const other = records.slice(0, index).find((earlier) => {
          return mayMeet(earlier, record) && earlier.policies.length < 2 && policyOf(earlier) !== policyOf(record);
        });
        if (!other) return [];
        const details = `${recordType} record ${name} has ${policyOf(record)} routing, beside ${other.logicalId} of ${other.stack.region}, which has ${policyOf(other)} routing`;
        return [{ ...place, details }];
      }),
    ),
};

function policyOf({ policies }: { policies: string[] }): string {
  return policies[0] ?? 'simple';
}
