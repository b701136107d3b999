import { mayMeet } from '../template/deployed-resources';
import { RECORD_TYPES, recordsByName } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const cnameBesideOtherRecords: TemplateRule = {
  id: 'cname-beside-other-records',
  severity: 'error',
  sentence: 'a name with a CNAME record has records of no other type, DNS forbids them and Route 53 refuses them',
  source: 'Amazon Route 53 Developer Guide, Supported DNS record types, CNAME record type; RFC 1034 section 3.6.2',
  types: RECORD_TYPES,
  find: (assembly) =>
    recordsByName(assembly).flatMap((records) =>
      records
        .filter(({ recordType }) => recordType === 'CNAME')
        .flatMap((record) => {
          const { stack, logicalId, at, name } = record;
          const other = records.find((another) => another.recordType !== 'CNAME' && mayMeet(another, record));
          if (!other) return [];
          const details = `${name} has a CNAME record beside the ${other.recordType} record ${other.logicalId} of ${other.stack.region}`;
          return [{ stack, logicalId, property: `${at}Type`, details }];
        }),
    ),
};
