import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../generated-section';

const DEPLOY_KNOWS = { 'Fn::GetStackOutput': { StackName: 'Shop', OutputName: 'WorkgroupArn' } };

/** What Parliament says of a policy with one statement. */
function said(actions: string[], resources: unknown[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  const file = (name: string) => join(folder, name);
  const Statement = [{ Effect: 'Allow', Action: actions, Resource: resources }];
  const PolicyDocument = { Version: '2012-10-17', Statement };
  const Policy = { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument } };
  writeFileSync(file('template.json'), JSON.stringify({ Resources: { Policy } }, undefined, 1));
  execFileSync(join(ROOT, 'node_modules/.cache/verify/venv/bin/python'), [
    join(ROOT, 'verify/iam_policies.py'),
    file('template.json'),
    ...['--cloudsplaining', file('cloudsplaining.sarif'), '--parliament', file('parliament.sarif')],
  ]);
  const [{ results }] = JSON.parse(readFileSync(file('parliament.sarif'), 'utf8')).runs;
  return results.map(({ message }: { message: { text: string } }) => message.text);
}

const LIMITS = 'redshift-serverless:ListUsageLimits';
const MISMATCH = `PolicyDocument: No resources match for the given action: [{"action": "${LIMITS}", "required_format": "*"}]`;

describe('Parliament, where only a deploy knows a resource,', () => {
  test('reports an action that knows no resource but everything', () => {
    expect(said([LIMITS, 'redshift-serverless:GetWorkgroup'], [DEPLOY_KNOWS])).toEqual([MISMATCH]);
    expect(said([LIMITS], ['arn:aws:redshift-serverless:us-east-1:123456789012:usagelimit/1', DEPLOY_KNOWS])).toEqual([MISMATCH]);
  });

  test('says nothing of an action that may be right', () => {
    expect(said(['redshift-serverless:GetWorkgroup'], [DEPLOY_KNOWS])).toEqual([]);
    expect(said([LIMITS], ['*', DEPLOY_KNOWS])).toEqual([]);
  });
});
