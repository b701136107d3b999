import { majorOf } from '../template/engine-version';
import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { CLUSTER, INSTANCE } from '../template/global-databases';
import { knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const GROUPS: Readonly<Record<string, [property: string, group: string]>> = {
  [CLUSTER]: ['DBClusterParameterGroupName', 'AWS::RDS::DBClusterParameterGroup'],
  [INSTANCE]: ['DBParameterGroupName', 'AWS::RDS::DBParameterGroup'],
};

/** Parameter groups of another engine or major version. */
export const databaseParameterFamily: TemplateRule = {
  id: 'database-parameter-family',
  severity: 'error',
  sentence: 'the family of a parameter group is that of the engine and major version it is used with: RDS refuses another one',
  source: 'Amazon Aurora User Guide, Parameter groups for Amazon Aurora; AWS::RDS::DBClusterParameterGroup Family',
  types: [CLUSTER, INSTANCE],
  find: (assembly) => resourcesOf(assembly, [CLUSTER, INSTANCE]).flatMap(findings),
};

function findings(database: FoundResource): RuleFinding[] {
  const [property, type] = GROUPS[database.type];
  const expected = familyOf(database);
  return behind(database.properties[property], database, [type]).flatMap((group) => {
    const family = knownText(group.properties.Family);
    if (expected === undefined || family === undefined || family === expected) return [];
    return [at(database, property, `${group.logicalId} is of family ${family}, the engine of ${expected}`)];
  });
}

/** Of the engines whose families follow from their version. */
function familyOf({ properties }: FoundResource): string | undefined {
  const [engine, version] = [knownText(properties.Engine), knownText(properties.EngineVersion)];
  if (engine === undefined || version === undefined) return undefined;
  switch (engine) {
    case 'aurora-postgresql':
    case 'postgres':
      // Families of 9 carry the minor version.
      return majorOf(version) >= 10 ? `${engine}${majorOf(version)}` : undefined;
    case 'aurora-mysql':
      return { 2: 'aurora-mysql5.7', 3: 'aurora-mysql8.0' }[majorOf(version)];
    case 'mysql':
    case 'mariadb':
      return /^\d+\.\d+/.test(version) ? `${engine}${version.split('.').slice(0, 2).join('.')}` : undefined;
    default:
      return undefined;
  }
}
