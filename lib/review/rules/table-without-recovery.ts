import { isObject, valueAt } from '../../assembly/values';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownFlag, knownList, knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const TABLE = 'AWS::DynamoDB::GlobalTable';
const SPECIFICATION = 'PointInTimeRecoverySpecification';

/** Replicas of a global table that cannot be restored to a point in time; other packs know the plain table only. */
export const tableWithoutRecovery: TemplateRule = {
  id: 'table-without-recovery',
  severity: 'warning',
  sentence:
    'every replica of a global table has point-in-time recovery: replicas copy a mistaken delete within a second, so they are no backup',
  source:
    'AWS::DynamoDB::GlobalTable ReplicaSpecification, PointInTimeRecoverySpecification; AWS Security Hub control DynamoDB.2',
  types: [TABLE],
  find: (assembly) => resourcesOf(assembly, [TABLE]).flatMap(findings),
};

function findings(table: FoundResource): RuleFinding[] {
  const replicas = knownList(table.properties.Replicas) ?? [];
  return replicas.flatMap((replica, index) => {
    if (!isObject(replica) || 'Fn::If' in replica) return [];
    // What is not set is off; what is not known is no finding.
    const enabled = valueAt(replica, [SPECIFICATION, 'PointInTimeRecoveryEnabled']);
    const off = replica[SPECIFICATION] === undefined || knownFlag(enabled) === false;
    const region = knownText(replica.Region);
    return off ? [at(table, `Replicas.${index}.${SPECIFICATION}`, region && `the one in ${region} has none`)] : [];
  });
}
