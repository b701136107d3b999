import { dataServiceBehind } from '../template/data-ports';
import { INGRESS_TYPES, ingressRules, inWords, portsOf, worldProperty, writtenAs } from '../template/ingress';
import type { TemplateRule } from './rule';

/** What is meant for everybody. */
const PUBLIC_PORTS = [80, 443];

export const openToTheWorld: TemplateRule = {
  id: 'open-to-the-world',
  severity: 'warning',
  sentence: 'a security group lets the whole internet in to ports 80 and 443 only, anything else is for whom it is meant',
  source: 'AWS Security Hub, EC2.18 and EC2.19 (security groups should not allow unrestricted access)',
  types: INGRESS_TYPES,
  find: (assembly) =>
    ingressRules(assembly).flatMap(({ stack, logicalId, at, rule }) => {
      const property = worldProperty(rule);
      const ports = portsOf(rule);
      if (!property || typeof ports === 'string') return [];
      if (ports.from === ports.to && PUBLIC_PORTS.includes(ports.from)) return [];
      // Where a database listens, another rule says more.
      const isEverything = ports.from === 0 && ports.to === 65535;
      if (!isEverything && dataServiceBehind(ports.from, ports.to) !== undefined) return [];
      return [
        {
          stack,
          logicalId,
          property: `${at}${writtenAs(rule, property)}`,
          details: `${rule[property]} may come to ${inWords(ports)}`,
        },
      ];
    }),
};
