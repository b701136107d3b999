import { isObject } from '../../assembly/values';
import { type DnsRecord, RECORD_TYPES, recordsByNameAndType } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const geoSetWithoutDefault: TemplateRule = {
  id: 'geo-set-without-default',
  severity: 'warning',
  sentence:
    'a set of geolocation records needs one for everywhere else (CountryCode *), or Route 53 gives no answer to whoever it cannot place',
  source: 'Amazon Route 53 Developer Guide, Geolocation routing; CloudFormation AWS::Route53::RecordSet, GeoLocation',
  types: RECORD_TYPES,
  find: (assembly) =>
    recordsByNameAndType(assembly).flatMap((records) => {
      const routed = records.filter(({ policies }) => policies.includes('geolocation'));
      if (routed.length === 0 || routed.some(mayBeDefault)) return [];
      const { stack, logicalId, at, recordType, name } = routed[0];
      const details = `${recordType} record ${name} has ${routed.length === 1 ? 'one location' : `${routed.length} locations`} and no default`;
      return [{ stack, logicalId, property: `${at}GeoLocation`, details }];
    }),
};

function mayBeDefault({ properties: { GeoLocation } }: DnsRecord): boolean {
  if (!isObject(GeoLocation)) return true;
  const { ContinentCode, CountryCode = '' } = GeoLocation;
  return ContinentCode === undefined && (typeof CountryCode !== 'string' || CountryCode === '*');
}
