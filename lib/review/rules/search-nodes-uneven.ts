import { isObject, valueAt } from '../../assembly/values';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownFlag, knownNumber } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const DOMAIN = 'AWS::OpenSearchService::Domain';

/** Search nodes that do not divide by the zones. */
export const searchNodesUneven: TemplateRule = {
  id: 'search-nodes-uneven',
  severity: 'warning',
  sentence:
    'a search domain has as many data nodes in each of its zones: otherwise one zone has more of the load than the others',
  source: 'Amazon OpenSearch Service Developer Guide, Configuring a multi-AZ domain in Amazon OpenSearch Service',
  types: [DOMAIN],
  find: (assembly) => resourcesOf(assembly, [DOMAIN]).flatMap(findings),
};

function findings(domain: FoundResource): RuleFinding[] {
  const cluster = domain.properties.ClusterConfig;
  // With standby AWS insists (search-nodes).
  if (!isObject(cluster) || knownFlag(cluster.ZoneAwarenessEnabled) !== true || knownFlag(cluster.MultiAZWithStandbyEnabled))
    return [];
  const nodes = knownNumber(cluster.InstanceCount, 1);
  const zones = knownNumber(valueAt(cluster.ZoneAwarenessConfig, ['AvailabilityZoneCount']), 2);
  if (nodes === undefined || zones === undefined || nodes < zones || nodes % zones === 0) return [];
  return [at(domain, 'ClusterConfig.InstanceCount', `${nodes} data nodes in ${zones} zones`)];
}
