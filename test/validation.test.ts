import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { buildProduct } from '../bin/product/build-product';
import { readProductFile } from '../bin/product/product-file';
import { ServerOption } from '../lib/stages/server-option';
import { allAcknowledgements, covers, type PolicyFinding, type WrittenAcknowledgement } from './policy-findings';
import { ACCOUNT } from './stacks';
import { addStage, testProps } from './synth-stages';

const EXAMPLES = ['shop-100k-eu', 'shop-1m-eu', 'shop-10m-global'];
const VALIDATOR = 'CloudFormation Validate';

/** What the validator says of one rule, acknowledged or not. */
interface Violation {
  readonly ruleName: string;
  readonly severity: string;
  readonly description: string;
  readonly violatingConstructs: { readonly constructPath: string }[];
}

/** What the validator says, and what the constructs say to it. */
interface Judged {
  readonly violations: Violation[];
  readonly suppressed: Violation[];
  readonly written: WrittenAcknowledgement[];
}

/** Places that aws-cdk-lib answers for by itself. */
const ANSWERED_BY_CDK = [
  'CloudFormation-Validate::F3002 at Shop/Product/Network/Vpc/FlowLog',
  'CloudFormation-Validate::F3003 at Shop/Product/Network/Vpc/FlowLog',
  'CloudFormation-Validate::W9009 at Shop/Product/Site/ContentDelivery/Distribution/Resource',
];

/** An app with the validator's findings as errors. */
function strictApp(outdir: string): App {
  return new App({ outdir, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
}

/** Every product the library is known for, each in a Stage of its own. */
function products(outdir: string): App {
  const app = strictApp(outdir);
  const add = (id: string, stage: number, server?: ServerOption) => {
    const env = { account: ACCOUNT, region: 'us-east-1' };
    const stack = new Stack(new Stage(app, id), 'Shop', { stackName: 'Shop', env });
    addStage(stack, stage, testProps(stack, { server, regions: [{ region: 'eu-central-1' }] }));
  };
  for (const stage of [1, 2, 3, 4]) add(`stage${stage}`, stage);
  add('apart', 1, ServerOption.withoutDatabase());
  for (const example of EXAMPLES) {
    const { product, faults } = readProductFile(`examples/${example}.json`, join(__dirname, '..'));
    expect(faults).toEqual([]);
    buildProduct(new Stage(app, example), product!);
  }
  return app;
}

/** Synthesizes with CDK's own validator at its strictest; its engine takes seconds to start, once for a test file. */
function judge(make: (outdir: string) => App): Judged {
  const outdir = mkdtempSync(join(tmpdir(), 'validation-'));
  const before = process.env.CDK_VALIDATION;
  delete process.env.CDK_VALIDATION;
  const silence = jest.spyOn(console, 'error').mockReturnValue();
  try {
    const app = make(outdir);
    try {
      app.synth();
    } catch (error) {
      if (!String(error).includes('ValidationFailed')) throw error;
    }
    const file = join(outdir, 'validation-report.json');
    expect(existsSync(file)).toBe(true);
    const { pluginReports } = JSON.parse(readFileSync(file, 'utf8'));
    const report = pluginReports.find(({ pluginName }: { pluginName: string }) => pluginName === VALIDATOR);
    const written = allAcknowledgements(app).filter(({ id }) => id.startsWith('CloudFormation-Validate::'));
    return { violations: report.violations, suppressed: report.suppressedViolations, written };
  } finally {
    silence.mockRestore();
    process.env.CDK_VALIDATION = before;
    rmSync(outdir, { recursive: true });
  }
}

describe("CDK's own validator at its strictest", () => {
  let judged: Judged;
  beforeAll(() => {
    judged = judge(products);
  }, 120_000);

  const findings = (violations: Violation[]): PolicyFinding[] =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => ({ rule: `CloudFormation-Validate::${ruleName}`, path: constructPath })),
    );

  test('has nothing to say against any stage or example', () => {
    expect(judged.violations.map(({ ruleName, description }) => `${ruleName}: ${description}`)).toEqual([]);
  });

  // It lets one acknowledgement silence a rule in the whole app (aws-cdk-lib 2.262.1).
  test('is answered at every construct that it finds something at, not anywhere in the app', () => {
    const open = findings(judged.suppressed).filter((finding) => !judged.written.some((one) => covers(one, finding)));
    expect(open.map(({ rule, path }) => `${rule} at ${path}`)).toEqual([]);
    expect(judged.suppressed.length).toBeGreaterThan(0);
  });

  test('is answered nothing it never says', () => {
    // The same construct in another product, and in another Region, is the same place in this library.
    const place = (path: string) => path.replace(/^[^/]+\//, '').replace(/\/[a-z]{2}-[a-z]+-\d\//, '/');
    const said = findings(judged.suppressed).map(({ rule, path }) => ({ rule, path: place(path) }));
    const idle = judged.written
      .map(({ id, path, reason }) => ({ id, path: place(path), reason }))
      .filter((one) => !said.some((finding) => covers(one, finding)));
    const places = idle.map(({ id, path }) => `${id} at ${path}`).filter((one) => !ANSWERED_BY_CDK.includes(one));
    expect([...new Set(places)]).toEqual([]);
  });

  test('is answered in words', () => {
    for (const { reason } of judged.written) expect(reason.trim().split(/\s+/).length).toBeGreaterThanOrEqual(6);
  });

  test('sees what is wrong', () => {
    const { violations } = judge((outdir) => {
      const app = strictApp(outdir);
      const stack = new Stack(app, 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' } });
      new CfnResource(stack, 'Bucket', { type: 'AWS::S3::Bucket', properties: { BucketNome: 'misspelt' } });
      return app;
    });
    expect(violations.map(({ severity, description }) => `${severity}: ${description}`)).toEqual([
      expect.stringMatching(/^error: .*BucketNome/),
    ]);
  });
});
