import { isObject, valueAt } from '../../assembly/values';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownFlag, knownList, knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const TABLE = 'AWS::DynamoDB::GlobalTable';

/** Replicas of a global table. */
export const tableReplicas: TemplateRule = {
  id: 'table-replicas',
  severity: 'error',
  sentence:
    'a global table lists its own Region and every other one once, has a stream if it has several replicas, and a customer key for all of them or for none: CloudFormation refuses the rest',
  source: 'AWS::DynamoDB::GlobalTable Replicas, StreamSpecification, SSESpecification',
  types: [TABLE],
  find: (assembly) => resourcesOf(assembly, [TABLE]).flatMap(findings),
};

function findings(table: FoundResource): RuleFinding[] {
  const { properties, stack } = table;
  const replicas = knownList(properties.Replicas)?.filter(isObject);
  if (!replicas?.length || replicas.some((replica) => 'Fn::If' in replica)) return [];
  const regions = replicas.map(({ Region }) => knownText(Region));
  const found: RuleFinding[] = [];
  for (const twice of new Set(regions.filter((region, index) => region !== undefined && regions.indexOf(region) !== index))) {
    found.push(at(table, 'Replicas', `${twice} is listed twice`));
  }
  if (stack.region !== 'unknown-region' && regions.every((region) => region !== undefined && region !== stack.region)) {
    found.push(at(table, 'Replicas', `${stack.region}, where the stack is, is not listed`));
  }
  const isStrong = knownText(properties.MultiRegionConsistency) === 'STRONG';
  if (replicas.length > 1 && properties.StreamSpecification === undefined && !isStrong) {
    found.push(at(table, 'StreamSpecification', `${replicas.length} replicas need a stream`));
  }
  const own = replicas.filter(({ SSESpecification }) => valueAt(SSESpecification, ['KMSMasterKeyId']) !== undefined);
  if (own.length > 0 && own.length < replicas.length) {
    found.push(at(table, 'Replicas', `${own.length} of ${replicas.length} replicas have a key of the customer`));
  }
  if (own.length > 0 && knownFlag(valueAt(properties.SSESpecification, ['SSEEnabled'])) === false) {
    found.push(at(table, 'SSESpecification', 'the replicas have keys, and encryption with KMS is off'));
  }
  return found;
}
