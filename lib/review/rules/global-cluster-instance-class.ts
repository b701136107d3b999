import { at } from '../template/found-resource';
import { GLOBAL_CLUSTER, globalDatabases, INSTANCE, instancesOf } from '../template/global-databases';
import { knownText } from '../template/known-values';
import type { TemplateRule } from './rule';

/** Instance classes that a global database does not take. */
export const globalClusterInstanceClass: TemplateRule = {
  id: 'global-cluster-instance-class',
  severity: 'error',
  sentence:
    'the instances of a global database are of a memory-optimized class (db.r5 or later, or db.serverless): RDS refuses others',
  source: 'Amazon Aurora User Guide, Configuration requirements of an Amazon Aurora global database',
  types: [GLOBAL_CLUSTER, INSTANCE],
  find: (assembly) =>
    globalDatabases(assembly)
      .flatMap(({ source, members }) => (source ? [source, ...members] : members))
      .flatMap(instancesOf)
      .flatMap((instance) => {
        const name = knownText(instance.properties.DBInstanceClass);
        if (name === undefined || !/^db\.[tm]\d/.test(name)) return [];
        return [at(instance, 'DBInstanceClass', `it is ${name}`)];
      }),
};
