import { isObject, valueAt } from '../../assembly/values';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownFlag, knownList, knownNumber } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const DOMAIN = 'AWS::OpenSearchService::Domain';

/** Nodes of a search domain over its zones. */
export const searchNodes: TemplateRule = {
  id: 'search-nodes',
  severity: 'error',
  sentence:
    'a search domain has a data node in each zone, one subnet a zone, and three dedicated master nodes or more, but not four; with standby it has three zones, dedicated masters and a multiple of three data nodes: OpenSearch Service refuses the rest',
  source:
    'Amazon OpenSearch Service API Reference, ClusterConfig; Amazon OpenSearch Service Developer Guide, Configuring a multi-AZ domain, Dedicated master nodes; AWS::OpenSearchService::Domain VPCOptions',
  types: [DOMAIN],
  find: (assembly) => resourcesOf(assembly, [DOMAIN]).flatMap(findings),
};

function findings(domain: FoundResource): RuleFinding[] {
  const cluster = domain.properties.ClusterConfig;
  if (!isObject(cluster)) return [];
  const nodes = knownNumber(cluster.InstanceCount, 1);
  const isSpread = knownFlag(cluster.ZoneAwarenessEnabled);
  const zones = isSpread === false ? 1 : knownNumber(valueAt(cluster.ZoneAwarenessConfig, ['AvailabilityZoneCount']), 2);
  const hasMasters = knownFlag(cluster.DedicatedMasterEnabled);
  const masters = knownNumber(cluster.DedicatedMasterCount);
  const found: RuleFinding[] = [];
  const wrong = (name: string, details: string) => found.push(at(domain, `ClusterConfig.${name}`, details));

  if (isSpread !== undefined && nodes !== undefined && zones !== undefined && nodes < zones) {
    wrong('InstanceCount', `${nodes} data ${nodes === 1 ? 'node' : 'nodes'} in ${zones} zones`);
  }
  if (hasMasters === true && masters !== undefined && (masters < 3 || masters === 4)) {
    wrong('DedicatedMasterCount', `${masters} dedicated masters`);
  }
  if (knownFlag(cluster.MultiAZWithStandbyEnabled) === true) {
    if (zones !== undefined && zones !== 3) wrong('ZoneAwarenessConfig', `standby needs three zones, it has ${zones}`);
    else if (nodes !== undefined && nodes % 3 !== 0) wrong('InstanceCount', `standby needs a multiple of three, it has ${nodes}`);
    if (hasMasters === false) wrong('DedicatedMasterEnabled', 'standby needs dedicated masters');
  }
  const subnets = knownList(valueAt(domain.properties.VPCOptions, ['SubnetIds']));
  if (subnets && subnets.length > 0 && zones !== undefined && isSpread !== undefined && subnets.length !== zones) {
    if (!subnets.some((subnet) => isObject(subnet) && ('Fn::If' in subnet || 'Fn::Split' in subnet))) {
      found.push(at(domain, 'VPCOptions.SubnetIds', `${subnets.length} subnets for ${zones} ${zones === 1 ? 'zone' : 'zones'}`));
    }
  }
  return dedupe(found);
}

/** Standby repeats what the spread over zones says. */
function dedupe(found: RuleFinding[]): RuleFinding[] {
  return found.filter((one, index) => found.findIndex(({ property }) => property === one.property) === index);
}
