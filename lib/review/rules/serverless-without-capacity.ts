import { at, behind, resourcesOf } from '../template/found-resource';
import { CLUSTER, INSTANCE } from '../template/global-databases';
import type { TemplateRule } from './rule';

/** A serverless instance in a cluster that does not say how far to scale. */
export const serverlessWithoutCapacity: TemplateRule = {
  id: 'serverless-without-capacity',
  severity: 'error',
  sentence:
    'a cluster with an instance of class db.serverless has a ServerlessV2ScalingConfiguration: without one RDS refuses the instance',
  source:
    'Amazon Aurora User Guide, Creating an Aurora serverless v2 DB cluster; AWS::RDS::DBCluster ServerlessV2ScalingConfiguration',
  types: [INSTANCE],
  find: (assembly) =>
    resourcesOf(assembly, [INSTANCE])
      .filter(({ properties }) => properties.DBInstanceClass === 'db.serverless')
      .filter((instance) => {
        const [cluster] = behind(instance.properties.DBClusterIdentifier, instance, [CLUSTER]);
        return cluster !== undefined && cluster.properties.ServerlessV2ScalingConfiguration === undefined;
      })
      .map((instance) => at(instance, 'DBInstanceClass')),
};
