import { sameValue } from '../../assembly/values';
import { healthOfTarget } from '../template/record-health';
import { dnsRecords, RECORD_TYPES } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const failoverPrimaryWithoutHealthCheck: TemplateRule = {
  id: 'failover-primary-without-health-check',
  severity: 'error',
  sentence:
    'the primary of a failover set needs a HealthCheckId, or an alias target whose health is evaluated, or Route 53 never fails over',
  source: 'CloudFormation AWS::Route53::RecordSet, Failover; Amazon Route 53 Developer Guide, Configuring DNS failover',
  types: RECORD_TYPES,
  find: (assembly) =>
    dnsRecords(assembly)
      .filter(({ properties }) => sameValue(properties.Failover, 'PRIMARY') && properties.HealthCheckId === undefined)
      .filter(({ properties }) => healthOfTarget(properties.AliasTarget) !== 'evaluated')
      .filter(({ properties }) => healthOfTarget(properties.AliasTarget) !== 'unknown')
      .map(({ stack, logicalId, at, recordType, name }) => ({
        stack,
        logicalId,
        property: `${at}HealthCheckId`,
        details: `${recordType} record ${name} has neither`,
      })),
};
