import { isObject } from '../../assembly/values';
import { mayMeet } from '../template/deployed-resources';
import { type DnsRecord, RECORD_TYPES, recordsByNameAndType } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const duplicateRoutingRecord: TemplateRule = {
  id: 'duplicate-routing-record',
  severity: 'error',
  sentence:
    'records of one name and type differ in SetIdentifier and in place, Region or role, or Route 53 refuses the second one',
  source: 'CloudFormation AWS::Route53::RecordSet, SetIdentifier, GeoLocation, Region and Failover',
  types: RECORD_TYPES,
  find: (assembly) =>
    recordsByNameAndType(assembly).flatMap((records) =>
      records.flatMap((record, index) => {
        const { stack, logicalId, at, recordType, name } = record;
        for (const earlier of records.slice(0, index).filter((other) => mayMeet(other, record))) {
          const same = sameness(earlier, record);
          if (same === undefined) continue;
          const details = `${recordType} record ${name} has ${same.words}, as has ${earlier.logicalId} of ${earlier.stack.region}`;
          return [{ stack, logicalId, property: `${at}${same.property}`, details }];
        }
        return [];
      }),
    ),
};

/** In what two records of one name and type are the same although they may not be. */
function sameness(left: DnsRecord, right: DnsRecord): { property: string; words: string } | undefined {
  const { SetIdentifier, Region, Failover } = right.properties;
  if (left.policies.length === 0 && right.policies.length === 0) return { property: 'Name', words: 'no routing policy' };
  if (typeof SetIdentifier === 'string' && SetIdentifier === left.properties.SetIdentifier) {
    return { property: 'SetIdentifier', words: `the SetIdentifier ${SetIdentifier}` };
  }
  if (typeof Region === 'string' && Region === left.properties.Region)
    return { property: 'Region', words: `the Region ${Region}` };
  if (typeof Failover === 'string' && Failover === left.properties.Failover) {
    return { property: 'Failover', words: `the role ${Failover}` };
  }
  const location = locationOf(right.properties.GeoLocation);
  if (location !== undefined && location === locationOf(left.properties.GeoLocation)) {
    return { property: 'GeoLocation', words: `the location ${location}` };
  }
  return undefined;
}

/** Continent, country and subdivision; undefined where one of them is not known. */
function locationOf(geoLocation: unknown): string | undefined {
  if (!isObject(geoLocation)) return undefined;
  const parts = ['ContinentCode', 'CountryCode', 'SubdivisionCode'].map((key) => geoLocation[key] ?? '');
  return parts.every((part) => typeof part === 'string') && parts.some((part) => part !== '')
    ? parts.filter((part) => part !== '').join(' ')
    : undefined;
}
