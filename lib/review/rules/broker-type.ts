import { valueAt } from '../../assembly/values';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { BROKER_TYPES, brokerTypeOf, KAFKA } from '../template/kafka-clusters';
import { knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

/** Brokers that MSK does not have. */
export const brokerType: TemplateRule = {
  id: 'broker-type',
  severity: 'error',
  sentence:
    'the brokers of a Kafka cluster are of a type that MSK has, kafka.t3.small not with KRaft, and Express brokers without storage of their own: it refuses the rest',
  source: 'AWS::MSK::Cluster BrokerNodeGroupInfo InstanceType; Amazon MSK Developer Guide, Amazon MSK Express brokers',
  types: [KAFKA],
  find: (assembly) => resourcesOf(assembly, [KAFKA]).flatMap(findings),
};

function findings(cluster: FoundResource): RuleFinding[] {
  const type = brokerTypeOf(cluster);
  const property = 'BrokerNodeGroupInfo.InstanceType';
  if (type === undefined) return [];
  if (!BROKER_TYPES.includes(type)) return [at(cluster, property, `${type} is none`)];
  if (type === 'kafka.t3.small' && knownText(cluster.properties.KafkaVersion)?.endsWith('.kraft')) {
    return [at(cluster, property, `${type} does not run ${cluster.properties.KafkaVersion}`)];
  }
  const storage = valueAt(cluster.properties, ['BrokerNodeGroupInfo', 'StorageInfo']);
  if (type.startsWith('express.') && storage !== undefined) {
    return [at(cluster, 'BrokerNodeGroupInfo.StorageInfo', `${type} has its own storage`)];
  }
  return [];
}
