import type { TemplateResource } from '../../assembly/cloud-assembly';
import { resourcesBehind } from '../../assembly/references';
import { isObject, items, sameValue } from '../../assembly/values';
import { type DeployRule, finding, type Located, type ResourcePair, type Rule } from './rule';

const BY_ITS_CUSTOM_RESOURCE: Rule = {
  id: 'emptied-by-its-custom-resource',
  sentence:
    'the custom resource behind autoDeleteObjects (emptyOnDelete) leaves, and empties what it stands for as long as that carries its tag: take the option away, which takes both away, in a deploy of its own',
  source: 'aws-cdk-lib custom-resource-handlers, auto-delete-objects and auto-delete-images',
};

/** The CDK's emptying custom resources: the property that names their victim, and the tag that lets them. */
const EMPTYING: Record<string, { readonly victim: string; readonly tag: string }> = {
  'Custom::S3AutoDeleteObjects': { victim: 'BucketName', tag: 'aws-cdk:auto-delete-objects' },
  'Custom::ECRAutoDeleteImages': { victim: 'RepositoryName', tag: 'aws-cdk:auto-delete-images' },
};

export const EMPTIED: DeployRule[] = [
  {
    ...BY_ITS_CUSTOM_RESOURCE,
    find: ({ resources, before }) =>
      resources
        .filter((pair) => pair.type in EMPTYING && pair.before && !pair.after && pair.stack.after)
        .filter((pair) => !String(pair.before?.DeletionPolicy).startsWith('Retain'))
        .flatMap((pair): Located[] => {
          const { victim, tag } = EMPTYING[pair.type];
          const victims = resourcesBehind(pair.before?.Properties?.[victim], pair.stack.before!, before);
          return resources
            .filter((other) => victims.some(({ stack, logicalId }) => isAt(other, stack, logicalId)))
            .filter((other) => isTagged(other.after ?? other.before, tag))
            .map((other) => ({ resource: other, finding: finding(BY_ITS_CUSTOM_RESOURCE, 'destroyed') }));
        }),
  },
];

function isAt(pair: ResourcePair, stack: unknown, logicalId: string): boolean {
  return pair.stack.before === stack && pair.logicalId === logicalId;
}

function isTagged(resource: TemplateResource | undefined, key: string): boolean {
  const tags = items(resource?.Properties?.Tags).filter(isObject);
  return tags.some(({ Key, Value }) => Key === key && sameValue(Value, true));
}
