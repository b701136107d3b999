import { isStateful } from '../../assembly/stateful-types';
import { at, type FoundResource, resourcesOf } from '../found-resource';
import type { RuleFinding, TemplateRule } from './rule';

/** Policies that leave something behind. */
const KEEPS = ['Retain', 'RetainExceptOnCreate', 'Snapshot'];

/** State that goes with its resource. */
export const stateNotKept: TemplateRule = {
  id: 'state-not-kept',
  severity: 'warning',
  sentence:
    'what holds state is kept when its resource is deleted and when it is replaced (DeletionPolicy and UpdateReplacePolicy Retain, RetainExceptOnCreate or Snapshot): otherwise a renamed construct or a replaced property destroys it',
  source: 'AWS CloudFormation Template Reference, DeletionPolicy attribute, UpdateReplacePolicy attribute',
  // Everything that holds state, which lib/assembly/stateful-types.ts tells.
  types: [],
  find: (assembly) => resourcesOf(assembly).flatMap(findings),
};

function findings(found: FoundResource): RuleFinding[] {
  const { resource, stack, logicalId } = found;
  if (!isStateful(resource.Type, resource)) return [];
  // What is in a nested stack is judged by itself.
  if (stack.nested?.[logicalId]) return [];
  const lost = (['DeletionPolicy', 'UpdateReplacePolicy'] as const).filter((name) => !KEEPS.includes(resource[name] ?? 'Delete'));
  if (lost.length === 0) return [];
  const written = lost.map((name) => `${name} is ${resource[name] ?? 'not set'}`);
  return [at(found, undefined, written.join(', '))];
}
