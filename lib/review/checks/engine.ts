import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AssemblyStack, Template } from '../../assembly/cloud-assembly';

/** A Guard rule file. */
export interface GuardRule {
  readonly name: string;
  readonly content: string;
}

/** A template to look at, and whose it is. */
export interface EngineInput {
  readonly stack: AssemblyStack;
  /** Stands in for the stack's template. @default - the template file as it is */
  readonly template?: Template;
}

/** What the CDK's engine objects to in one place, or in several alike. */
export interface Violation {
  readonly ruleName: string;
  readonly description: string;
  readonly severity?: string;
  readonly fix?: string;
  readonly ruleMetadata?: { readonly [key: string]: string };
  readonly violatingResources: { readonly resourceLogicalId?: string; readonly locations: string[] }[];
}

/** What the engine says about one template. */
export interface EngineReport {
  readonly violations: Violation[];
  /** Guard rules that cannot cope with the template. */
  readonly unjudged: { readonly rule: string; readonly why: string }[];
  /** Why it says nothing. */
  readonly failure?: string;
}

/** What the engine did, with one report for each template. */
export interface EngineAnswer {
  readonly version: string;
  readonly ruleIds: string[];
  readonly reports: EngineReport[];
}

interface EngineRequest {
  readonly library: string;
  readonly guardRules: GuardRule[];
  readonly templates: { readonly file: string; readonly stack: string; readonly account?: string; readonly region?: string }[];
}

/**
 * Runs the engine that is built into the CDK over templates, with its own rules and the given Guard rules.
 *
 * It runs in a thread: it takes seconds, and two of them have time for one another. An engine that breaks breaks alone.
 *
 * @throws Error if the engine does not start
 */
export async function runEngine(inputs: EngineInput[], guardRules: GuardRule[] = []): Promise<EngineAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'scale-tiers-engine-'));
  try {
    const templates = inputs.map(({ stack, template }, index) => {
      const file = template === undefined ? stack.templatePath : undefined;
      const written = join(folder, `${index}.template.json`);
      if (file === undefined) writeFileSync(written, JSON.stringify(template ?? stack.template, undefined, 1));
      return { file: file ?? written, stack: stack.constructPath ?? stack.stackName, ...environment(stack) };
    });
    // This library's own CDK: an older one, where the user works, may not have the engine.
    return await answerTo({ library: require.resolve('aws-cdk-lib'), guardRules, templates });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function environment({ account, region }: AssemblyStack): { account?: string; region?: string } {
  return {
    ...(account === 'unknown-account' ? {} : { account }),
    ...(region === 'unknown-region' ? {} : { region }),
  };
}

function answerTo(request: EngineRequest): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    // The text of the function: a file of its own would have to be compiled before a test could use it.
    const worker = new Worker(`(${thread})()`, { eval: true, execArgv: [], workerData: request });
    worker.once('message', (answer: EngineAnswer) => {
      resolve(answer);
      worker.terminate();
    });
    // An error of another thread is no Error here, and the engine throws texts, too.
    worker.once('error', (error: Partial<Error>) => reject(new Error(error.message ?? String(error))));
    worker.once('exit', (code) => reject(new Error(`the engine ended with exit code ${code}`)));
  });
}

/** What the thread does. It is alone there: it sees nothing of this file. */
function thread(): void {
  const { parentPort, workerData } = require('node:worker_threads') as typeof import('node:worker_threads');
  const { library, guardRules, templates } = workerData as EngineRequest;
  const { CloudFormationValidatePlugin } = require(library) as typeof import('aws-cdk-lib');
  type Engine = InstanceType<typeof CloudFormationValidatePlugin>;
  type Context = Parameters<Engine['validate']>[0];
  const engineWith = (rules: GuardRule[]) => new CloudFormationValidatePlugin(rules.length === 0 ? {} : { guardRules: rules });
  const whole = engineWith(guardRules);
  // About 25 engines in one process break WebAssembly.
  let more = 16;

  const judge = ({ file, stack, account, region }: EngineRequest['templates'][number]): EngineReport => {
    const stackTemplates = [{ stackConstructPath: stack, templatePath: file, accountId: account, region }];
    const unjudged: { rule: string; why: string }[] = [];
    let left = guardRules;
    let engine = whole;
    for (;;) {
      try {
        const { violations } = engine.validate({ templatePaths: [file], stackTemplates } as unknown as Context);
        return { violations, unjudged };
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        // One Guard rule that cannot cope with a value of an unexpected type stops all others, here as in cfn-guard itself.
        const [, rule, why] = /^Guard file '([^']+)' failed to evaluate: (.*)$/s.exec(text) ?? [];
        if (rule === undefined || !left.some(({ name }) => name === rule) || more-- === 0) {
          return { violations: [], unjudged, failure: text };
        }
        unjudged.push({ rule, why });
        left = left.filter(({ name }) => name !== rule);
        engine = engineWith(left);
      }
    }
  };

  const reports = templates.map(judge);
  parentPort?.postMessage({ version: whole.version ?? '', ruleIds: whole.ruleIds ?? [], reports });
}
