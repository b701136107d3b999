import { dataServiceBehind } from '../data-ports';
import { INGRESS_TYPES, ingressRules, inWords, portsOf, worldProperty } from '../ingress';
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
      // All ports at once is the other rule's.
      if (!property || typeof ports === 'string' || (ports.from === 0 && ports.to === 65535)) return [];
      const service = dataServiceBehind(ports.from, ports.to);
      if (service === undefined) return [];
      const details = `${rule[property]} may come to ${inWords(ports)} (${service})`;
      return [{ stack, logicalId, property: `${at}${property}`, details }];
    }),
};
