import { dnsRecords, RECORD_TYPES } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const setIdentifierWithoutRouting: TemplateRule = {
  id: 'set-identifier-without-routing',
  severity: 'error',
  sentence: 'a SetIdentifier belongs to a record with a routing policy, Route 53 refuses it on a simple one',
  source: 'aws-cdk-lib aws-route53 README, Weighted routing; CloudFormation AWS::Route53::RecordSet, SetIdentifier',
  types: RECORD_TYPES,
  find: (assembly) =>
    dnsRecords(assembly)
      .filter(({ policies, properties }) => policies.length === 0 && properties.SetIdentifier !== undefined)
      .map(({ stack, logicalId, at, recordType, name }) => ({
        stack,
        logicalId,
        property: `${at}SetIdentifier`,
        details: `${recordType} record ${name} has neither Weight, Region, Failover, GeoLocation nor another routing policy`,
      })),
};
