import { isObject } from '../../assembly/values';
import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { CLUSTER } from '../template/global-databases';
import { isUnknown, knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const INTEGRATION = 'AWS::RDS::Integration';

/** What the parameter group of a source must say. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'aurora-postgresql': {
    'rds.logical_replication': '1',
    'aurora.enhanced_logical_replication': '1',
    'aurora.logical_replication_backup': '0',
    'aurora.logical_replication_globaldb': '0',
  },
  'aurora-mysql': {
    aurora_enhanced_binlog: '1',
    binlog_backup: '0',
    binlog_format: 'ROW',
    binlog_replication_globaldb: '0',
    binlog_row_image: 'full',
    binlog_row_metadata: 'full',
  },
};

/** Sources of zero-ETL that are not prepared. */
export const zeroEtlSource: TemplateRule = {
  id: 'zero-etl-source',
  severity: 'error',
  sentence:
    'the Aurora cluster that a zero-ETL integration reads from has a parameter group of its own that turns on enhanced replication: RDS refuses the integration otherwise',
  source: 'Amazon Aurora User Guide, Getting started with Aurora zero-ETL integrations, Step 1',
  types: [INTEGRATION],
  find: (assembly) =>
    resourcesOf(assembly, [INTEGRATION]).flatMap((integration) =>
      behind(integration.properties.SourceArn, integration, [CLUSTER]).flatMap((cluster) => findings(integration, cluster)),
    ),
};

function findings(integration: FoundResource, cluster: FoundResource): RuleFinding[] {
  const needed = NEEDED[knownText(cluster.properties.Engine) ?? ''];
  const name = cluster.properties.DBClusterParameterGroupName;
  if (!needed) return [];
  if (name === undefined) return [at(integration, 'SourceArn', `${cluster.logicalId} has the default parameter group`)];
  return behind(name, cluster, ['AWS::RDS::DBClusterParameterGroup']).flatMap((group) => {
    const { Parameters = {} } = group.properties;
    if (!isObject(Parameters) || isUnknown(Parameters)) return [];
    const wrong = Object.entries(needed)
      .filter(([key]) => !isUnknown(Parameters[key]))
      .filter(([key, wanted]) => String(Parameters[key]).toLowerCase() !== wanted.toLowerCase())
      .map(([key, wanted]) => `${key}=${wanted}`);
    return wrong.length === 0 ? [] : [at(group, 'Parameters', `${cluster.logicalId} needs ${wrong.join(', ')}`)];
  });
}
