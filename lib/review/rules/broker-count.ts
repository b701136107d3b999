import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { brokerTypeOf, KAFKA, zonesOf } from '../template/kafka-clusters';
import { knownNumber } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

/** Brokers that do not spread over the zones. */
export const brokerCount: TemplateRule = {
  id: 'broker-count',
  severity: 'error',
  sentence:
    'a Kafka cluster has as many brokers in each of its zones, which are two or three (three with Express brokers; two in us-west-1): MSK refuses other numbers',
  source: 'AWS::MSK::Cluster BrokerNodeGroupInfo ClientSubnets; Amazon MSK API Reference, CreateCluster numberOfBrokerNodes',
  types: [KAFKA],
  find: (assembly) => resourcesOf(assembly, [KAFKA]).flatMap(findings),
};

function findings(cluster: FoundResource): RuleFinding[] {
  const [zones, brokers] = [zonesOf(cluster), knownNumber(cluster.properties.NumberOfBrokerNodes)];
  const isExpress = brokerTypeOf(cluster)?.startsWith('express.') === true;
  if (zones === undefined) return [];
  const found: RuleFinding[] = [];
  if (zones > 3 || zones < (isExpress ? 3 : 2)) {
    found.push(at(cluster, 'BrokerNodeGroupInfo.ClientSubnets', `they are in ${zones} ${zones === 1 ? 'zone' : 'zones'}`));
  } else if (brokers !== undefined && (brokers < zones || brokers % zones !== 0)) {
    found.push(at(cluster, 'NumberOfBrokerNodes', `${brokers} brokers in ${zones} zones`));
  }
  return found;
}
