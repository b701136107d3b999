#!/usr/bin/env node
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Stage, type StageSynthesisOptions, Validations } from 'aws-cdk-lib';
import { LOCK_FILE } from '../lib/promotion/lock';
import { PromotionLock } from '../lib/promotion/promotion-lock';
import { TemplateRules } from '../lib/review/template-rules';
import { buildProduct } from './product/build-product';
import type { ProductFile } from './product/product';
import { readProductFile } from './product/product-file';

/** What is synthesized, at every stage, when no product file is given. */
export const REFERENCE: Omit<ProductFile, 'stage'> = {
  name: 'Shop',
  account: '123456789012',
  region: 'us-east-1',
  // Spelled out as in any product of us-east-1, one of whose zones MSK and RDS Proxy refuse.
  availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  image: 'public.ecr.aws/nginx/nginx-unprivileged:1.29',
  port: 8080,
  domain: { name: 'shop.example.com', hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' },
  furtherRegions: [{ region: 'us-west-2' }, { region: 'eu-central-1' }, { region: 'ap-southeast-1', cacheCopy: false }],
};

/**
 * Makes the CLI fail on what the validator finds in stacks inside a Stage: without it `cdk synth` looks at no stack where the
 * top of the app holds none, and exits with 0 (aws-cdk 2.1148.1, selectTopLevelOrMatchingStacks).
 */
const SYNTHESIS: StageSynthesisOptions = { validateOnSynthesis: true };

/** What the app has around it, so that a test can put something else there. */
export interface Surroundings {
  readonly environment: { readonly [name: string]: string | undefined };
  /** The working directory. */
  readonly directory: string;
  /** Prints a line where errors go. */
  readonly complain: (line: string) => void;
}

/**
 * Synthesizes the product the CLI names with `-c product=FILE`, or the reference product at every stage.
 *
 * @returns the exit code
 */
export function main({ environment, directory, complain }: Surroundings): number {
  const file = cliContext(environment).product;
  if (file === undefined) {
    const app = newApp(environment);
    for (const stage of [1, 2, 3, 4] as const) buildProduct(new Stage(app, `stage${stage}`), { ...REFERENCE, stage });
    app.synth(SYNTHESIS);
    return 0;
  }
  const { product, faults } = readProductFile(file, directory);
  if (!product) {
    for (const line of faults) complain(line);
    complain(`nothing was synthesized: ${faults.length === 1 ? 'there is 1 fault' : `there are ${faults.length} faults`}`);
    return 1;
  }
  const app = newApp(environment);
  const lockFile = path.join(directory, LOCK_FILE);
  if (fs.existsSync(lockFile)) Validations.of(app).addPlugins(new PromotionLock({ lockFile }));
  try {
    buildProduct(app, product);
  } catch (error) {
    // What only the constructs know: their messages name the prop, so a stack trace helps nobody but their makers.
    complain(`${file}: ${error instanceof Error ? error.message : error}`);
    if (environment.CDK_DEBUG && error instanceof Error) complain(`${error.stack}`);
    complain('nothing was synthesized: the constructs refused the product (CDK_DEBUG=true shows where)');
    return 1;
  }
  app.synth(SYNTHESIS);
  return 0;
}

function newApp({ CDK_OUTDIR }: Surroundings['environment']): App {
  // Not by itself at the end of the process: after a fault there is nothing to synthesize.
  const app = new App({ analyticsReporting: false, autoSynth: false, outdir: CDK_OUTDIR });
  Validations.of(app).addPlugins(new TemplateRules());
  return app;
}

/** The context as `App` reads it; read here because a product file is checked before there is an App. */
function cliContext({ CDK_CONTEXT_JSON, CONTEXT_OVERFLOW_LOCATION_ENV }: Surroundings['environment']): {
  readonly product?: unknown;
} {
  const overflow = CONTEXT_OVERFLOW_LOCATION_ENV ? fs.readFileSync(CONTEXT_OVERFLOW_LOCATION_ENV, 'utf8') : '{}';
  return { ...JSON.parse(CDK_CONTEXT_JSON || '{}'), ...JSON.parse(overflow) };
}

if (require.main === module) {
  // The CDK keeps the line that made a resource only if it is among this many frames; the review leads to that line.
  Error.stackTraceLimit = 50;
  // The DynamoDB table of aws-cdk-lib warns about parameters it passes to itself; nobody who reads it could heed it.
  process.env.JSII_DEPRECATED ??= 'quiet';
  const code = main({ environment: process.env, directory: process.cwd(), complain: (line) => console.error(line) });
  // CDK sets an exit code of its own when validation fails: a 0 must not hide it.
  if (code !== 0) process.exitCode = code;
}
