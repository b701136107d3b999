import { isStateful } from '../../assembly/stateful-types';
import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
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
  const lost = (['DeletionPolicy', 'UpdateReplacePolicy'] as const).filter(
    (name) => !KEEPS.includes(resource[name] ?? defaultOf(name, found)),
  );
  const written = lost.map((name) => `${name} is ${resource[name] ?? 'not set'}`);
  if (isEmptied(found)) written.push('Custom::S3AutoDeleteObjects empties it before');
  return written.length === 0 ? [] : [at(found, undefined, written.join(', '))];
}

/** "For AWS::RDS::DBCluster resources, and for AWS::RDS::DBInstance resources that don't specify DBClusterIdentifier": Snapshot. */
function defaultOf(name: string, { type, properties }: FoundResource): string {
  const isDatabase =
    type === 'AWS::RDS::DBCluster' || (type === 'AWS::RDS::DBInstance' && properties.DBClusterIdentifier === undefined);
  return name === 'DeletionPolicy' && isDatabase ? 'Snapshot' : 'Delete';
}

/** The CDK's custom resource empties a bucket when it is deleted itself, whatever becomes of the bucket. */
function isEmptied(found: FoundResource): boolean {
  if (found.type !== 'AWS::S3::Bucket') return false;
  return resourcesOf(found.assembly, ['Custom::S3AutoDeleteObjects']).some((emptier) =>
    behind(emptier.properties.BucketName, emptier, ['AWS::S3::Bucket']).includes(found),
  );
}
