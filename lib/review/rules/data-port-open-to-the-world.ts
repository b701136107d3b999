import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import { dataServiceBehind } from '../template/data-ports';
import { INGRESS_TYPES, ingressRules, inWords, portsOf, worldProperty, writtenAs } from '../template/ingress';
import { makersOf } from '../template/regional-things';
import type { TemplateRule } from './rule';

export const dataPortOpenToTheWorld: TemplateRule = {
  id: 'data-port-open-to-the-world',
  severity: 'error',
  sentence: 'no database, cache, search domain, file system or Kafka cluster is open to the whole internet',
  source: 'AWS Security Hub, EC2.19 (security groups should not allow unrestricted access to ports with high risk)',
  types: INGRESS_TYPES,
  find: (assembly) =>
    ingressRules(assembly).flatMap(({ stack, logicalId, at, rule }) => {
      const property = worldProperty(rule);
      const ports = portsOf(rule);
      const store = property && ports === 'unknown' ? storeBehind(rule.FromPort, stack, assembly) : undefined;
      if (store !== undefined) {
        const details = `${rule[property!]} may come to the port of ${store}`;
        return [{ stack, logicalId, property: `${at}${writtenAs(rule, property!)}`, details }];
      }
      // All ports at once is the other rule's.
      if (!property || typeof ports === 'string' || (ports.from === 0 && ports.to === 65535)) return [];
      const service = dataServiceBehind(ports.from, ports.to);
      if (service === undefined) return [];
      const details = `${rule[property]} may come to ${inWords(ports)} (${service})`;
      return [{ stack, logicalId, property: `${at}${writtenAs(rule, property)}`, details }];
    }),
};

const STORES = [
  'AWS::DAX::Cluster',
  'AWS::DocDB::DBCluster',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::ElastiCache::ServerlessCache',
  'AWS::MemoryDB::Cluster',
  'AWS::Neptune::DBCluster',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::Redshift::Cluster',
];

/** CDK's constructs of databases write their port as an attribute of them. */
function storeBehind(port: unknown, stack: AssemblyStack, assembly: Assembly): string | undefined {
  return STORES.flatMap((type) => makersOf(port, stack, assembly, type))[0]?.logicalId;
}
