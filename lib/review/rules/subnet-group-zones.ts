import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownFlag } from '../template/known-values';
import { mostZones } from '../template/subnet-zones';
import type { RuleFinding, TemplateRule } from './rule';

/** The list of subnets by type, and how many zones it must cover. */
const SUBNETS: Readonly<Record<string, { list: string; zones: (found: FoundResource) => number | undefined }>> = {
  'AWS::RDS::DBSubnetGroup': { list: 'SubnetIds', zones: () => 2 },
  'AWS::DocDB::DBSubnetGroup': { list: 'SubnetIds', zones: () => 2 },
  'AWS::Neptune::DBSubnetGroup': { list: 'SubnetIds', zones: () => 2 },
  'AWS::RDS::DBProxy': { list: 'VpcSubnetIds', zones: () => 2 },
  'AWS::RedshiftServerless::Workgroup': { list: 'SubnetIds', zones: warehouseZones },
};

/** Subnets that lie in too few zones. */
export const subnetGroupZones: TemplateRule = {
  id: 'subnet-group-zones',
  severity: 'error',
  sentence:
    'the subnets of a database, of its proxy or of a warehouse lie in two zones (three for a warehouse with enhanced VPC routing): AWS refuses fewer',
  source:
    'Amazon RDS API Reference, CreateDBSubnetGroup (DBSubnetGroupDoesNotCoverEnoughAZs); Amazon Redshift Management Guide, Considerations when using Amazon Redshift Serverless',
  types: Object.keys(SUBNETS),
  find: (assembly) => resourcesOf(assembly, Object.keys(SUBNETS)).flatMap(findings),
};

function findings(found: FoundResource): RuleFinding[] {
  const { list, zones } = SUBNETS[found.type];
  const [have, need] = [mostZones(found.properties[list], found), zones(found)];
  if (found.properties[list] === undefined || have === undefined || need === undefined || have >= need) return [];
  return [at(found, list, `they lie in ${have} ${have === 1 ? 'zone' : 'zones'}, ${need} are needed`)];
}

function warehouseZones({ stack, properties }: FoundResource): number | undefined {
  const routing = knownFlag(properties.EnhancedVpcRouting);
  if (routing === undefined) return undefined;
  // Northern California has two zones.
  return routing && stack.region !== 'us-west-1' ? 3 : 2;
}
