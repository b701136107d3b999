import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import { resourcesBehind } from '../../assembly/references';
import { isObject, sameValue } from '../../assembly/values';
import { type DeployRule, finding, type Located, type ResourcePair, type Rule } from './rule';

const REBOOT: Rule = {
  id: 'zero-etl-before-reboot',
  sentence:
    'the replication parameters of the source cluster are static: deploy them, reboot its instances, then add the integration',
  source: 'Aurora user guide, Getting started with zero-ETL integrations, parameter group',
};

/** What follows the log of a cluster: which property names the cluster, what people call it, and where the need is written. */
const FOLLOWERS: Record<string, { property: string; name: string; source: string }> = {
  'AWS::RDS::Integration': { property: 'SourceArn', name: 'integration', source: REBOOT.source },
  'AWS::OSIS::Pipeline': {
    property: 'PipelineConfigurationBody',
    name: 'pipeline',
    source: 'OpenSearch Service developer guide, Aurora PostgreSQL, prerequisites',
  },
};

/** Static parameters that these need, for PostgreSQL and MySQL. */
const STATIC_PARAMETERS = [
  'rds.logical_replication',
  'aurora.enhanced_logical_replication',
  'aurora.logical_replication_backup',
  'aurora.logical_replication_globaldb',
  'aurora_enhanced_binlog',
  'binlog_backup',
  'binlog_replication_globaldb',
  'binlog_format',
  'binlog_row_image',
  'binlog_row_metadata',
];

export const ZERO_ETL_REBOOT: DeployRule[] = [
  {
    ...REBOOT,
    find: ({ resources, before, after }) =>
      resources
        .filter((pair) => pair.type in FOLLOWERS && !pair.before && pair.after)
        .flatMap((pair) => sourcesToReboot(pair, before, after)),
  },
];

function sourcesToReboot(pair: ResourcePair, before: Assembly, after: Assembly): Located[] {
  const { stackName, region } = pair.stack;
  const { property, name, source } = FOLLOWERS[pair.type];
  const sources = resourcesBehind(pair.after?.Properties?.[property], pair.stack.after!, after);
  return sources.flatMap(({ stack, logicalId }) => {
    const old = before.stacks.find((other) => other.stackName === stack.stackName && other.region === stack.region);
    // A cluster that is new starts with its parameters.
    if (!old?.template.Resources?.[logicalId]) return [];
    const was = staticParameters(old, logicalId, before);
    const becomes = staticParameters(stack, logicalId, after);
    const changed = STATIC_PARAMETERS.filter((name) => !sameValue(was[name], becomes[name]) && name in { ...was, ...becomes });
    if (changed.length === 0) return [];
    return [
      {
        resource: pair,
        finding: finding(REBOOT, 'own-deploy', {
          property,
          reason: `${REBOOT.sentence.replace('integration', name)} (${changed.join(', ')} of ${logicalId})`,
          source,
          holds: [{ stackName, region, logicalId: pair.logicalId, path: [] }],
        }),
      },
    ];
  });
}

function staticParameters(stack: AssemblyStack, clusterId: string, assembly: Assembly): Record<string, unknown> {
  const cluster = stack.template.Resources?.[clusterId];
  const groups = resourcesBehind(cluster?.Properties?.DBClusterParameterGroupName, stack, assembly);
  const parameters = groups[0]?.stack.template.Resources?.[groups[0].logicalId]?.Properties?.Parameters;
  return isObject(parameters) ? parameters : {};
}
