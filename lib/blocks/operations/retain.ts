import { CfnDeletionPolicy, CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Makes CloudFormation keep a resource when it leaves the template or would be replaced.
 *
 * Needed on every L1 that holds state, and on queues and secrets, whose CDK default is Delete: the *old* template's
 * policy decides what happens on removal, so it has to be there one deploy before anybody removes anything.
 */
export function retain(construct: IConstruct): void {
  const resource = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) {
    throw new Error(`${construct.node.path} has no CloudFormation resource of its own to retain`);
  }
  resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
  resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
}
