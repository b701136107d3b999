import type { Assembly } from '../../assembly/cloud-assembly';
import { resourcesBehind, type Site } from '../../assembly/references';
import { isObject, items, sameValue, valueAt } from '../../assembly/values';
import type { Hold } from '../change';
import { type DeployRule, finding, type Located, type ResourcePair, type Rule } from './rule';

const OFF_AT_CREATION: Rule = {
  id: 'multi-vpc-at-creation',
  sentence: 'MSK refuses to create a cluster with multi-VPC connectivity on: it is switched on by a later update',
  source: 'github aws-cloudformation/cloudformation-coverage-roadmap#1775 ("all vpcConnectivity auth schemes must be disabled")',
};

const PREPARED_SOURCE: Rule = {
  id: 'replicator-before-its-source',
  sentence:
    'a Replicator to another region needs multi-VPC connectivity for IAM and a cluster policy on the cluster it reads from, deployed before it',
  source: 'MSK developer guide, Prepare source and target clusters',
};

const CONNECTIVITY = ['BrokerNodeGroupInfo', 'ConnectivityInfo'];
const AUTHENTICATION = [...CONNECTIVITY, 'VpcConnectivity', 'ClientAuthentication'];

/** The three steps to a cluster that is replicated to another region: create, connect, replicate. */
export const MSK_CONNECTIVITY: DeployRule[] = [
  {
    ...OFF_AT_CREATION,
    find: ({ resources, after }) =>
      resources
        .filter((pair) => pair.type === 'AWS::MSK::Cluster' && !pair.before && enabledBelow(authentication(pair)))
        .map((pair) => createdConnected(pair, resources, after)),
  },
  {
    ...PREPARED_SOURCE,
    find: ({ resources, before, after }) =>
      resources
        .filter((pair) => pair.type === 'AWS::MSK::Replicator' && !pair.before && pair.after)
        .flatMap((pair) => unpreparedSources(pair, before, after)),
  },
];

function createdConnected(pair: ResourcePair, resources: ResourcePair[], after: Assembly): Located {
  const { stackName, region } = pair.stack;
  const others = valueAt(pair.after?.Properties, CONNECTIVITY);
  const { VpcConnectivity: _, ...rest } = isObject(others) ? others : {};
  const meanwhile: Hold = {
    stackName,
    region,
    logicalId: pair.logicalId,
    path: ['Properties', ...CONNECTIVITY],
    value: Object.keys(rest).length > 0 ? rest : undefined,
  };
  // A policy lets others connect: MSK takes it only once there is something to connect to.
  const policies = resources
    .filter((other) => other.type === 'AWS::MSK::ClusterPolicy' && !other.before && leadsTo(other, pair, after))
    .map((other): Hold => ({ ...located(other), path: [] }));
  return {
    resource: pair,
    finding: finding(OFF_AT_CREATION, 'refused', {
      property: AUTHENTICATION.slice(0, 3).join('.'),
      holds: [meanwhile, ...policies],
    }),
  };
}

function leadsTo(policy: ResourcePair, cluster: ResourcePair, after: Assembly): boolean {
  if (!policy.stack.after) return false;
  const sites = resourcesBehind(policy.after?.Properties?.ClusterArn, policy.stack.after, after);
  return sites.some((site) => site.stack === cluster.stack.after && site.logicalId === cluster.logicalId);
}

function unpreparedSources(pair: ResourcePair, before: Assembly, after: Assembly): Located[] {
  const stack = pair.stack.after!;
  const sources = items(pair.after?.Properties?.ReplicationInfoList)
    .filter(isObject)
    .flatMap((info) => resourcesBehind([info.SourceKafkaClusterArn, info.SourceKafkaClusterId], stack, after))
    .filter((site) => site.stack.template.Resources?.[site.logicalId]?.Type === 'AWS::MSK::Cluster')
    // Within a region a Replicator reaches the cluster through its security groups.
    .filter((site) => site.stack.region !== stack.region);
  const unprepared = sources.find((site) => !isPrepared(site, before));
  if (!unprepared) return [];
  const { logicalId, stack: home } = unprepared;
  // Where the later template does not prepare it either, no number of deploys helps.
  const verdict = isPrepared(unprepared, after) ? 'own-deploy' : 'refused';
  return [
    {
      resource: pair,
      finding: finding(PREPARED_SOURCE, verdict, {
        property: 'ReplicationInfoList.SourceKafkaClusterArn',
        reason: `${PREPARED_SOURCE.sentence}: ${logicalId} of ${home.stackName} (${home.region}) has not got them yet`,
        ...(verdict === 'own-deploy' ? { holds: [{ ...located(pair), path: [] }] } : {}),
      }),
    },
  ];
}

function isPrepared(site: Site, assembly: Assembly): boolean {
  const stack = assembly.stacks.find(
    ({ stackName, region }) => stackName === site.stack.stackName && region === site.stack.region,
  );
  const resources = Object.values(stack?.template.Resources ?? {});
  const iam = valueAt(stack?.template.Resources?.[site.logicalId]?.Properties, [...AUTHENTICATION, 'Sasl', 'Iam', 'Enabled']);
  const hasPolicy = resources.some(
    ({ Type, Properties }) =>
      Type === 'AWS::MSK::ClusterPolicy' &&
      resourcesBehind(Properties?.ClusterArn, stack!, assembly).some(({ logicalId }) => logicalId === site.logicalId),
  );
  return sameValue(iam, true) && hasPolicy;
}

function authentication(pair: ResourcePair): unknown {
  return valueAt(pair.after?.Properties, AUTHENTICATION);
}

function enabledBelow(value: unknown): boolean {
  if (!isObject(value)) return false;
  return sameValue(value.Enabled, true) || Object.values(value).some(enabledBelow);
}

function located(pair: ResourcePair): { stackName: string; region: string; logicalId: string } {
  return { stackName: pair.stack.stackName, region: pair.stack.region, logicalId: pair.logicalId };
}
