import { type FirstVersions, hasSince } from '../template/engine-version';
import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { CLUSTER, globalDatabases } from '../template/global-databases';
import { knownFlag, knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

/** First engine versions that forward writes. */
const FORWARDS: Readonly<Record<string, Readonly<Record<string, FirstVersions>>>> = {
  EnableGlobalWriteForwarding: {
    'aurora-postgresql': { 14: '14.9', 15: '15.4', 16: '16.0' },
    'aurora-mysql': { 2: '2.08.1', 3: '3.0' },
  },
  EnableLocalWriteForwarding: {
    'aurora-postgresql': { 14: '14.13', 15: '15.8', 16: '16.4' },
    'aurora-mysql': { 3: '3.04' },
  },
};

/** Readers that pass writes on. */
export const writeForwarding: TemplateRule = {
  id: 'write-forwarding',
  severity: 'error',
  sentence:
    'a cluster that forwards writes has an engine version that can, and to forward them to another Region it is in a global database: RDS refuses it otherwise',
  source:
    'Amazon Aurora User Guide, Using write forwarding in an Aurora PostgreSQL global database, Using write forwarding in an Aurora MySQL global database, Local write forwarding in Aurora PostgreSQL, Using local write forwarding in an Amazon Aurora MySQL DB cluster',
  types: [CLUSTER],
  find: (assembly) => resourcesOf(assembly, [CLUSTER]).flatMap(findings),
};

function findings(cluster: FoundResource): RuleFinding[] {
  const { properties } = cluster;
  const [engine, version] = [knownText(properties.Engine), knownText(properties.EngineVersion)];
  return Object.entries(FORWARDS)
    .filter(([name]) => knownFlag(properties[name]) === true)
    .flatMap(([name, engines]) => {
      if (name === 'EnableGlobalWriteForwarding' && !isGlobal(cluster)) return [at(cluster, name, 'it is in no global database')];
      if (engine !== undefined && !(engine in engines)) return [at(cluster, name, `${engine} cannot`)];
      if (engine === undefined || version === undefined || hasSince(version, engines[engine])) return [];
      return [at(cluster, name, `${engine} ${version} cannot`)];
    });
}

function isGlobal(cluster: FoundResource): boolean {
  if (cluster.properties.GlobalClusterIdentifier !== undefined) return true;
  return globalDatabases(cluster.assembly).some(({ source }) => source === cluster);
}
