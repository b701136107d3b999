import { healthOfTarget } from '../template/record-health';
import { dnsRecords, RECORD_TYPES } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const routedAliasIgnoresHealth: TemplateRule = {
  id: 'routed-alias-ignores-health',
  severity: 'warning',
  sentence:
    'an alias among several records evaluates the health of its target, or has a health check, or Route 53 keeps sending users to a dead one',
  source: 'CloudFormation AWS::Route53::RecordSet AliasTarget, EvaluateTargetHealth',
  types: RECORD_TYPES,
  find: (assembly) =>
    dnsRecords(assembly)
      // The primary of a failover set has a rule of its own.
      .filter(({ policies, properties }) => policies.length > 0 && properties.Failover !== 'PRIMARY')
      .filter(({ properties }) => properties.HealthCheckId === undefined && healthOfTarget(properties.AliasTarget) === 'ignored')
      .map(({ stack, logicalId, at, recordType, name, policies }) => ({
        stack,
        logicalId,
        property: `${at}AliasTarget.EvaluateTargetHealth`,
        details: `${recordType} record ${name}, which has ${policies[0]} routing, does neither`,
      })),
};
