import { valueAt } from '../../assembly/values';
import { at } from '../template/found-resource';
import { CLUSTER, GLOBAL_CLUSTER, globalDatabases, instancesOf } from '../template/global-databases';
import { knownNumber } from '../template/known-values';
import type { TemplateRule } from './rule';

/** Too little capacity for replication over Regions. */
export const globalClusterCapacity: TemplateRule = {
  id: 'global-cluster-capacity',
  severity: 'warning',
  sentence:
    'the primary of a global database that is serverless has a minimum of 8 capacity units: with less it cannot keep up with replication',
  source: 'Amazon Aurora User Guide, Configuration requirements of an Amazon Aurora global database',
  types: [GLOBAL_CLUSTER, CLUSTER],
  find: (assembly) =>
    globalDatabases(assembly).flatMap(({ source }) => {
      if (!source || !instancesOf(source).some(({ properties }) => properties.DBInstanceClass === 'db.serverless')) return [];
      const least = knownNumber(valueAt(source.properties, ['ServerlessV2ScalingConfiguration', 'MinCapacity']));
      if (least === undefined || least >= 8) return [];
      return [at(source, 'ServerlessV2ScalingConfiguration.MinCapacity', `it is ${least}`)];
    }),
};
