import { App, Stack, type StackProps, Stage } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { ProductImage } from '../lib/blocks/compute/product-image';
import type { ProductDomain } from '../lib/blocks/edge/product-domain';
import { Stage1Single } from '../lib/stages/stage1-single';
import { Stage2Replicated } from '../lib/stages/stage2-replicated';
import { Stage3Specialized } from '../lib/stages/stage3-specialized';
import { Stage4Global, type Stage4GlobalProps } from '../lib/stages/stage4-global';
import { ACCOUNT } from './stacks';

export const IMAGE = ProductImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.29');

/** The domain of the tests, in a zone that exists. */
export function testDomain(stack: Stack): ProductDomain {
  const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: 'Z0123456789EXAMPLE',
    zoneName: 'example.com',
  });
  return { name: 'shop.example.com', hostedZone };
}

/** The widest props, which every stage accepts. */
export type AnyStageProps = Stage4GlobalProps;

/** Puts stage 1, 2, 3 or 4 into a stack under the id that it has at every stage. */
export function addStage(
  stack: Stack,
  stage: number,
  props: AnyStageProps,
  id = 'Product',
): Stage1Single | Stage2Replicated | Stage3Specialized | Stage4Global {
  const StageClass = [Stage1Single, Stage2Replicated, Stage3Specialized, Stage4Global][stage - 1];
  return withoutTraces(() => new (StageClass as typeof Stage4Global)(stack, id, props));
}

/** The props of the tests. */
export function testProps(stack: Stack, props: Partial<AnyStageProps> = {}): AnyStageProps {
  return {
    image: IMAGE,
    domain: testDomain(stack),
    regions: [{ region: 'us-west-2' }, { region: 'eu-central-1' }, { region: 'ap-southeast-1', cacheCopy: false }],
    ...props,
  };
}

/** Synthesizes a stage as its users would, and returns the folder of its assembly. */
export function synthStage(
  stage: number,
  props: Partial<AnyStageProps> | ((stack: Stack) => Partial<AnyStageProps>) = {},
  options: StackProps & { context?: Record<string, unknown> } = {},
): string {
  const { context, ...stackProps } = options;
  return withoutTraces(() => {
    const app = new App({
      context: { '@aws-cdk/core:defaultCrossStackReferences': 'weak', ...context },
      treeMetadata: false,
      analyticsReporting: false,
    });
    const stack = new Stack(new Stage(app, `stage${stage}`), 'Shop', {
      stackName: 'Shop',
      env: { account: ACCOUNT, region: 'us-east-1' },
      ...stackProps,
    });
    addStage(stack, stage, testProps(stack, typeof props === 'function' ? props(stack) : props));
    return app.synth().getNestedAssembly(`assembly-stage${stage}`).directory;
  });
}

/**
 * CDK takes a call stack for every token and construct, and Jest's source maps make that a fifth of the time of a synthesis. What is
 * thrown meanwhile has no stack either: whoever looks for it takes this out.
 */
export function withoutTraces<T>(synthesize: () => T): T {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = 0;
  // The package constructs sets a limit of its own for metadata.
  Error.prepareStackTrace = () => '';
  try {
    return synthesize();
  } finally {
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  }
}
