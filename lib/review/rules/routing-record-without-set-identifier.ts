import { dnsRecords, RECORD_TYPES } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const routingRecordWithoutSetIdentifier: TemplateRule = {
  id: 'routing-record-without-set-identifier',
  severity: 'error',
  sentence:
    'a record with a routing policy needs a SetIdentifier that tells it from the others of its name, or Route 53 refuses it',
  source: 'CloudFormation AWS::Route53::RecordSet, SetIdentifier',
  types: RECORD_TYPES,
  find: (assembly) =>
    dnsRecords(assembly)
      .filter(({ policies, properties }) => policies.length > 0 && properties.SetIdentifier === undefined)
      .map(({ stack, logicalId, at, recordType, name, policies }) => ({
        stack,
        logicalId,
        property: `${at}SetIdentifier`,
        details: `${recordType} record ${name} has ${policies.join(' and ')} routing and no SetIdentifier`,
      })),
};
