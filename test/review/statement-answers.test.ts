import type { Finding } from '../../lib/review/finding';
import type { StatementFacts } from '../../lib/review/review';
import { answered } from '../../lib/review/template/statement-answers';

const place = {
  stack: 'Shop',
  region: 'us-east-1',
  templateFile: 'Shop.template.json',
  logicalId: 'Policy',
  type: 'AWS::IAM::Policy',
};
const statement: StatementFacts = {
  place,
  effect: 'Allow',
  principals: [],
  actions: ['s3:GetObject*'],
  resources: ['arn:aws:s3:::<Assets>/*'],
  conditions: [],
  why: ['wildcard'],
};
const IAM5 = 'AwsSolutions::AwsSolutions-IAM5';
const finding = (id: string, acknowledgement?: number, at = place): Finding => ({
  id,
  severity: 'error',
  message: 'x',
  place: at,
  acknowledgement,
});
const answer = (...findings: Finding[]) => answered(statement, { checks: [], acknowledgements: [], findings }).acknowledgement;

test.each([
  ['one of its actions', `${IAM5}[Action::s3:GetObject*]`],
  ['one of its resources, as cdk-nag spells it', `${IAM5}[Resource::arn:<AWS::Partition>:s3:::<AssetsBucket12AB>/*]`],
  ['the policy as a whole', 'HIPAA.Security::HIPAA.Security-IAMNoInlinePolicy'],
  ['the policy, as Cloudsplaining says it', 'Cloudsplaining::ResourceExposure'],
])('a statement is answered for by the acknowledgement of a finding about %s', (_, id) => {
  expect(answer(finding(id, 3))).toBe(3);
});

test('the wildcard of another statement in the policy says nothing about it', () => {
  expect(answer(finding(`${IAM5}[Action::sqs:*]`, 3))).toBeUndefined();
  expect(answer(finding(`${IAM5}[Resource::*]`, 3))).toBeUndefined();
});

test('one at another resource, or about something else, says nothing about it', () => {
  expect(answer(finding(`${IAM5}[Action::s3:GetObject*]`, 3, { ...place, logicalId: 'Other' }))).toBeUndefined();
  expect(answer(finding('AwsSolutions::AwsSolutions-S1', 3))).toBeUndefined();
});

test('nothing answers for it while one of its wildcards is open', () => {
  expect(answer(finding(`${IAM5}[Action::s3:GetObject*]`, 3), finding(`${IAM5}[Resource::arn:aws:s3:::<X>/*]`))).toBeUndefined();
});

test('what is said about its wildcard counts more than what is said about the policy', () => {
  expect(answer(finding('Parliament::X', 1), finding(`${IAM5}[Action::s3:GetObject*]`, 3))).toBe(3);
});
