import { isObject, valueAt } from '../../assembly/values';
import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { CLUSTER, globalDatabases } from '../template/global-databases';
import { knownNumber } from '../template/known-values';
import type { TemplateRule } from './rule';

/** A minimum of 0 that saves nothing. */
export const serverlessNeverPauses: TemplateRule = {
  id: 'serverless-never-pauses',
  severity: 'note',
  sentence:
    'an Aurora cluster with a minimum of 0 capacity units pauses only while nothing keeps it awake: with a proxy, logical replication, zero-ETL or a global database it runs, and is paid for, all the time',
  source: 'Amazon Aurora User Guide, Scaling to Zero ACUs with automatic pause and resume for Aurora Serverless v2',
  types: [CLUSTER],
  find: (assembly) =>
    resourcesOf(assembly, [CLUSTER])
      .filter(({ properties }) => knownNumber(valueAt(properties, ['ServerlessV2ScalingConfiguration', 'MinCapacity'])) === 0)
      .flatMap((cluster) =>
        keptAwakeBy(cluster)
          .slice(0, 1)
          .map((why) => at(cluster, 'ServerlessV2ScalingConfiguration.MinCapacity', `${why} keeps it awake`)),
      ),
};

function keptAwakeBy(cluster: FoundResource): string[] {
  const { assembly, properties } = cluster;
  const refersTo = (type: string, property: string) =>
    resourcesOf(assembly, [type]).some((one) => behind(one.properties[property], one, [CLUSTER]).includes(cluster));
  const isGlobal = globalDatabases(assembly).some(({ source, members }) => [source, ...members].includes(cluster));
  const [group] = behind(properties.DBClusterParameterGroupName, cluster, ['AWS::RDS::DBClusterParameterGroup']);
  const parameters = group?.properties.Parameters;
  return [
    ...(refersTo('AWS::RDS::DBProxyTargetGroup', 'DBClusterIdentifiers') ? ['a proxy'] : []),
    ...(refersTo('AWS::RDS::Integration', 'SourceArn') ? ['a zero-ETL integration'] : []),
    ...(isGlobal ? ['its global database'] : []),
    ...(isObject(parameters) && String(parameters['rds.logical_replication']) === '1' ? ['logical replication'] : []),
  ];
}
