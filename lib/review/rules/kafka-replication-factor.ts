import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { CONFIGURATION, KAFKA, settingsOf, zonesOf } from '../template/kafka-clusters';
import { knownNumber } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

/** Topics that lose data, or stop, with a single broker. */
export const kafkaReplicationFactor: TemplateRule = {
  id: 'kafka-replication-factor',
  severity: 'warning',
  sentence:
    'a topic has a copy in each zone, and a write waits for all of them but one (in three zones default.replication.factor=3, min.insync.replicas=2): with fewer copies a lost broker loses messages, and where every copy is waited for it stops all writes',
  source: 'Amazon MSK Developer Guide, Best practices for Standard brokers, Build highly available clusters',
  types: [CONFIGURATION],
  find: (assembly) => resourcesOf(assembly, [KAFKA]).flatMap(findings),
};

function findings(cluster: FoundResource): RuleFinding[] {
  const { configuration, settings } = settingsOf(cluster) ?? {};
  if (!configuration || !settings) return [];
  const copies = knownNumber(settings.get('default.replication.factor'));
  const waits = knownNumber(settings.get('min.insync.replicas'));
  const brokers = knownNumber(cluster.properties.NumberOfBrokerNodes);
  const need = zonesOf(cluster) === 2 ? 2 : 3;
  const wrong = (details: string) => [at(configuration, 'ServerProperties', details)];
  if (copies !== undefined && brokers !== undefined && copies > brokers) return wrong(`${copies} copies, and ${brokers} brokers`);
  if (copies !== undefined && copies < need) return wrong(`it says default.replication.factor=${copies}`);
  if (copies !== undefined && waits !== undefined && waits >= copies) return wrong(`every write waits for all ${copies} copies`);
  return waits === 1 && need === 3 ? wrong('it says min.insync.replicas=1') : [];
}
