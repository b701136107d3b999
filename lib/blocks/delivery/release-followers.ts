import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ContainerService } from '../compute/container-service';
import { FollowedTag } from '../compute/followed-tag';
import type { ReleaseTag } from '../compute/release-tag';
import { acknowledgeWildcards } from '../operations/acknowledge';
import type { RunbookStep } from '../operations/runbook';
import { updateAllSteps } from './release-steps';

/** What changing a parameter of a stack takes. */
export const UPDATE = ['cloudformation:DescribeStacks', 'cloudformation:DescribeStackEvents', 'cloudformation:UpdateStack'];

/** A document of Systems Manager holds 64 KB (Systems Manager quotas); references in it become longer than they are here. */
const MOST_CHARACTERS = 60_000;

/** The stacks of services that run the product's image and follow the stack of the runbook. */
export function followersOf(runbook: Construct, { parameterName }: ReleaseTag): Stack[] {
  const stack = Stack.of(runbook);
  const tags = stack.node.findAll().filter((child): child is FollowedTag => child instanceof FollowedTag);
  return tags.filter((tag) => tag.leader === stack && tag.node.id === parameterName).map((tag) => Stack.of(tag));
}

/** Sets the tag of the stacks that follow the product's, once that has it. */
export function bringAlong(followers: Stack[], release: ReleaseTag, secondsOf: (stack: Stack) => number): RunbookStep[] {
  if (followers.length === 0) return [];
  const updated = followers.map((stack) => ({
    called: `service ${stack.node.id}`,
    step: `Service${stack.node.id.replace(/[^A-Za-z0-9]/g, '_')}`,
    stack: stack.stackName,
    timeoutSeconds: secondsOf(stack),
  }));
  return updateAllSteps('ServiceTags', release.parameterName, updated);
}

/** What is wrong with a runbook that brings these along, where those are there in the end. */
export function faultsOfFollowers(known: Stack[], all: Stack[], characters: number): string[] {
  const late = all.filter((stack) => !known.includes(stack)).map(({ node }) => node.id);
  if (late.length > 0) {
    return [`the release runbook does not know ${late.join(', ')}, which run its image: make it after the product`];
  }
  if (characters <= MOST_CHARACTERS) return [];
  return [
    `a release runbook must have at most ${MOST_CHARACTERS} characters, got ${characters} with ${all.length} services that run the product's image: give some an image of their own`,
  ];
}

/** Lets a role update them, and no others. */
export function letUpdate(role: iam.Role, followers: Stack[]): void {
  for (const { stackName } of followers) {
    const anyId = Stack.of(role).formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${stackName}/*` });
    // A statement each: CDK moves whole statements where a policy would grow too long.
    role.addToPolicy(new iam.PolicyStatement({ actions: UPDATE, resources: [anyId] }));
    acknowledgeWildcards(
      role,
      'CloudFormation makes up the last part of the id of a stack when it creates it; the name before it is that of one service of the product.',
      anyId,
    );
  }
}

/**
 * An hour, and twice what the releases of the stack wait between their steps: each may be shifted back as slowly, and one service may
 * wait for another, as the core does for those that it calls.
 */
export function secondsOfUpdate(stack: Stack): number {
  const waits = stack.node
    .findAll()
    .filter((child): child is ContainerService => child instanceof ContainerService && Stack.of(child) === stack)
    .map(({ releases }) => releases.strategy?.duration.toSeconds() ?? 0);
  return Duration.hours(1).toSeconds() + 2 * waits.reduce((sum, wait) => sum + wait, 0);
}
