import '../../lib/promotion/jest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { toPromoteFrom } from '../../lib/promotion/jest';

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'matcher-'));
});
afterEach(() => {
  rmSync(work, { recursive: true });
});

function product(queue: string, outdir?: string): App {
  const app = new App({ outdir });
  new sqs.Queue(new Stack(app, 'Shop', { env: { region: 'us-east-1' } }), queue);
  return app;
}

function folder(queue: string, name: string): string {
  return product(queue, join(work, name)).synth().directory;
}

describe('toPromoteFrom', () => {
  test('passes for a safe promotion between folders, apps and stages', () => {
    expect(folder('Orders', 'after')).toPromoteFrom(folder('Orders', 'before'));
    expect(product('Orders')).toPromoteFrom(product('Orders'));
    expect(product('Orders')).toPromoteFrom(join(work, 'before'));
    const stage = new Stage(new App(), 'live', { env: { region: 'us-east-1' } });
    new sqs.Queue(new Stack(stage, 'Shop', { stackName: 'Shop' }), 'More');
    expect(stage).toPromoteFrom(stage);
  });

  test('fails for a loss, and shows the problems as a table', () => {
    const [before, after] = [folder('Orders', 'before'), folder('Renamed', 'after')];
    expect(after).not.toPromoteFrom(before);
    expect(() => expect(after).toPromoteFrom(before)).toThrow(`expected a safe promotion, but:\n\n${before} -> ${after}`);
    const { pass, message } = toPromoteFrom(after, before);
    expect(pass).toBe(false);
    expect(message()).toMatch(/^DESTROYED {2}Orders \(AWS::SQS::Queue\) in Shop \(us-east-1\)$/m);
    expect(message()).toContain('what to do: deploy it with RemovalPolicy.RETAIN first');
    expect(message()).toContain('Not safe: 1 destroyed.');
  });

  test('negated, fails for a safe promotion', () => {
    const [before, after] = [folder('Orders', 'before'), folder('Orders', 'after')];
    expect(() => expect(after).not.toPromoteFrom(before)).toThrow(
      `expected the promotion from ${before} to ${after} not to be safe, but it is`,
    );
  });

  test('a folder without an assembly and a thing that is no stage are errors of their own', () => {
    expect(() => expect(join(work, 'none')).toPromoteFrom(work)).toThrow('is not a cloud assembly (it has no manifest.json)');
    expect(() => expect(new Stack()).toPromoteFrom(folder('Orders', 'before'))).toThrow(
      'toPromoteFrom takes the folder of a cloud assembly, an App or a Stage: give a Stack its own App',
    );
  });
});
