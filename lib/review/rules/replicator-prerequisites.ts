import type { Assembly } from '../../assembly/cloud-assembly';
import { isObject, items, valueAt } from '../../assembly/values';
import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { brokerTypeOf, KAFKA, switchAt, takesIam } from '../template/kafka-clusters';
import { knownNumber } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const REPLICATOR = 'AWS::MSK::Replicator';
const POLICY = 'AWS::MSK::ClusterPolicy';

/** Clusters that a replicator cannot read from or write to. */
export const replicatorPrerequisites: TemplateRule = {
  id: 'replicator-prerequisites',
  severity: 'error',
  sentence:
    'the clusters of an MSK replicator take IAM logins and have three brokers or more, none of them kafka.t3.small; a source in another Region also has multi-VPC connectivity with IAM, nobody who is let in without a login, and a policy for kafka.amazonaws.com: MSK refuses the replicator otherwise',
  source:
    'Amazon MSK Developer Guide, Prepare source and target clusters; Supported cluster types and versions for MSK Replicator',
  types: [REPLICATOR],
  find: (assembly) => {
    const found = resourcesOf(assembly, [REPLICATOR]).flatMap((replicator) => findings(replicator, assembly));
    // One source may have many replicators.
    return found.filter((one, index) => found.findIndex((other) => isSame(one, other)) === index);
  },
};

function findings(replicator: FoundResource, assembly: Assembly): RuleFinding[] {
  const { properties } = replicator;
  const clusters = items(properties.KafkaClusters).flatMap((one) =>
    behind(valueAt(one, ['AmazonMskCluster', 'MskClusterArn']), replicator, [KAFKA]),
  );
  const infos = items(properties.ReplicationInfoList).filter(isObject);
  const sources = infos.flatMap((info) => behind(info.SourceKafkaClusterArn, replicator, [KAFKA]));
  const targets = infos.flatMap((info) => behind(info.TargetKafkaClusterArn, replicator, [KAFKA]));
  const distant = sources.filter((source) => source.stack.region !== replicator.stack.region);
  return [
    ...new Set([...clusters, ...sources, ...targets].flatMap(everyCluster)),
    ...distant.flatMap((source) => distantSource(source, assembly)),
    // It is made in the Region that it writes to.
    ...targets
      .filter(({ stack }) => stack.region !== replicator.stack.region)
      .map(({ stack }) =>
        at(replicator, 'ReplicationInfoList', `its target lies in ${stack.region}, where it has to lie itself`),
      ),
  ];
}

function everyCluster(cluster: FoundResource): RuleFinding[] {
  const brokers = knownNumber(cluster.properties.NumberOfBrokerNodes);
  const found: RuleFinding[] = [];
  if (brokerTypeOf(cluster) === 'kafka.t3.small') {
    found.push(at(cluster, 'BrokerNodeGroupInfo.InstanceType', 'it is kafka.t3.small'));
  }
  if (brokers !== undefined && brokers < 3) found.push(at(cluster, 'NumberOfBrokerNodes', `it is ${brokers}`));
  if (takesIam(cluster) === false) found.push(at(cluster, 'ClientAuthentication.Sasl.Iam', 'it takes no IAM logins'));
  return found;
}

const MULTI_VPC = [
  'BrokerNodeGroupInfo',
  'ConnectivityInfo',
  'VpcConnectivity',
  'ClientAuthentication',
  'Sasl',
  'Iam',
  'Enabled',
];

function distantSource(source: FoundResource, assembly: Assembly): RuleFinding[] {
  const found: RuleFinding[] = [];
  if (switchAt(source.properties, MULTI_VPC) === false) {
    found.push(at(source, MULTI_VPC.slice(0, -1).join('.'), 'a replicator in another Region cannot connect'));
  }
  if (switchAt(source.properties, ['ClientAuthentication', 'Unauthenticated', 'Enabled']) === true) {
    found.push(at(source, 'ClientAuthentication.Unauthenticated', 'it lets in clients without a login'));
  }
  const policies = resourcesOf(assembly, [POLICY]).filter((policy) =>
    behind(policy.properties.ClusterArn, policy, [KAFKA]).includes(source),
  );
  if (!policies.some(({ properties }) => JSON.stringify(properties.Policy ?? '').includes('kafka.amazonaws.com'))) {
    found.push(at(source, undefined, 'no AWS::MSK::ClusterPolicy lets kafka.amazonaws.com in'));
  }
  return found;
}

function isSame(left: RuleFinding, right: RuleFinding): boolean {
  return (['stack', 'logicalId', 'property', 'details'] as const).every((name) => left[name] === right[name]);
}
