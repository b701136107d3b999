import { type DnsRecord, RECORD_TYPES, recordsByName } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const addressFamiliesRoutedApart: TemplateRule = {
  id: 'address-families-routed-apart',
  severity: 'warning',
  sentence:
    'the A and the AAAA records of a name are routed by the same policy to the same set identifiers, or users of IPv6 are sent elsewhere than users of IPv4',
  source: 'Amazon Route 53 Developer Guide, Choosing a routing policy (records are chosen within one name and type)',
  types: RECORD_TYPES,
  find: (assembly) =>
    recordsByName(assembly).flatMap((records) => {
      const [four, six] = ['A', 'AAAA'].map((type) => records.filter(({ recordType }) => recordType === type));
      if (four.length === 0 || six.length === 0) return [];
      const [left, right] = [membersOf(four), membersOf(six)];
      if (left === undefined || right === undefined || left === right) return [];
      const { stack, logicalId, at, name } = six[0];
      return [
        { stack, logicalId, property: `${at}SetIdentifier`, details: `${name} has A records ${left} and AAAA records ${right}` },
      ];
    }),
};

/** Undefined where an identifier, or whether a record is made, is not known. */
function membersOf(records: DnsRecord[]): string | undefined {
  if (!records.every(({ condition, properties }) => condition === true && isKnown(properties.SetIdentifier))) return undefined;
  return records
    .map(({ policies, properties }) => (policies.length === 0 ? 'simple' : `${policies[0]} ${properties.SetIdentifier}`))
    .sort()
    .join(', ');
}

function isKnown(identifier: unknown): boolean {
  return identifier === undefined || typeof identifier === 'string';
}
