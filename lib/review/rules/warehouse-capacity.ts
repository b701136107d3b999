import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownNumber } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

const WORKGROUP = 'AWS::RedshiftServerless::Workgroup';

/** Capacity of a warehouse. */
export const warehouseCapacity: TemplateRule = {
  id: 'warehouse-capacity',
  severity: 'error',
  sentence:
    'the base capacity of Redshift Serverless is 4 RPU, or 8 to 512 in steps of 8, or up to 1024 in steps of 32, and not above its maximum: Redshift refuses the rest',
  source: 'Amazon Redshift Management Guide, Compute capacity for Amazon Redshift Serverless',
  types: [WORKGROUP],
  find: (assembly) => resourcesOf(assembly, [WORKGROUP]).flatMap(findings),
};

function findings(workgroup: FoundResource): RuleFinding[] {
  const [base, most] = [knownNumber(workgroup.properties.BaseCapacity), knownNumber(workgroup.properties.MaxCapacity)];
  if (base === undefined) return [];
  if (!isAllowed(base)) return [at(workgroup, 'BaseCapacity', `it is ${base}`)];
  if (most === undefined || most >= base) return [];
  return [at(workgroup, 'MaxCapacity', `the base is ${base}, the maximum ${most}`)];
}

function isAllowed(base: number): boolean {
  if (base === 4) return true;
  return base >= 8 && base % (base > 512 ? 32 : 8) === 0 && base <= 1024;
}
