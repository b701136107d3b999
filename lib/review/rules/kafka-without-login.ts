import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { KAFKA, switchAt } from '../template/kafka-clusters';
import type { RuleFinding, TemplateRule } from './rule';

/** Kafka clusters that let in whoever reaches them. */
export const kafkaWithoutLogin: TemplateRule = {
  id: 'kafka-without-login',
  severity: 'error',
  sentence: 'a Kafka cluster asks its clients who they are: otherwise whoever reaches a broker reads and writes every topic',
  source: 'AWS Config Developer Guide, msk-unrestricted-access-check; AWS::MSK::Cluster ClientAuthentication',
  types: [KAFKA],
  find: (assembly) => resourcesOf(assembly, [KAFKA]).flatMap(findings),
};

const LOGINS = [
  ['Sasl', 'Iam', 'Enabled'],
  ['Sasl', 'Scram', 'Enabled'],
  ['Tls', 'Enabled'],
];

function findings(cluster: FoundResource): RuleFinding[] {
  const { properties } = cluster;
  const open = switchAt(properties, ['ClientAuthentication', 'Unauthenticated', 'Enabled']);
  if (open === true) return [at(cluster, 'ClientAuthentication.Unauthenticated', 'it lets in clients without a login')];
  // A cluster that names no way to log in has none.
  const isAsked = LOGINS.some((path) => switchAt(properties, ['ClientAuthentication', ...path]) !== false);
  return isAsked || open === undefined ? [] : [at(cluster, 'ClientAuthentication', 'it names no way to log in')];
}
