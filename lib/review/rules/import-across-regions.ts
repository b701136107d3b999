import { exporters, outputReferences } from '../template/output-references';
import type { TemplateRule } from './rule';

/** Imports of what is exported in another Region. */
export const importAcrossRegions: TemplateRule = {
  id: 'import-across-regions',
  severity: 'error',
  sentence: 'what a stack imports is exported in its own account and Region: Fn::ImportValue sees no other, and the deploy fails',
  source: 'AWS CloudFormation Template Reference, Fn::ImportValue',
  types: [],
  find: (assembly) =>
    outputReferences(assembly).flatMap(({ assembly: around, stack, logicalId, reference }) => {
      if (reference.kind !== 'export') return [];
      const producers = exporters(reference.name, around);
      const isNear = producers.some(({ region, account }) => region === stack.region && account === stack.account);
      if (producers.length === 0 || isNear) return [];
      const [{ region, account }] = producers;
      const where = region === stack.region ? `account ${account}` : region;
      return [{ stack, logicalId, details: `${reference.name} is exported in ${where}` }];
    }),
};
