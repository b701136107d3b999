import { actionWildcardMatchesNothing } from '../../../lib/review/rules/action-wildcard-matches-nothing';
import { adminStatement } from '../../../lib/review/rules/admin-statement';
import { administratorManagedPolicy } from '../../../lib/review/rules/administrator-managed-policy';
import { allowByExclusion } from '../../../lib/review/rules/allow-by-exclusion';
import { privilegeEscalation } from '../../../lib/review/rules/privilege-escalation';
import { unknownAction } from '../../../lib/review/rules/unknown-action';
import { document, MAYBE, OTHER, OWN, policy, queue, tested } from './policy-templates';
import { assemblyOf, describeRule, type Resources, stackOf } from './templates';

describeRule(unknownAction, {
  holds: {
    'actions that exist, in any case': policy({ Action: ['s3:GetObject', 'SQS:sendmessage'] }),
    everything: policy({ Action: '*' }),
    'a wildcard, which another rule is about': policy({ Action: 's3:Nothing*' }),
    'an action that only a deploy knows': policy({ Action: [MAYBE, { 'Fn::Sub': `s3:\${Verb}Object` }] }),
  },
  broken: {
    'a slip of the pen': [
      policy({ Action: 'sqs:SendMessage' }, { Action: ['s3:GetObjekt'] }),
      [
        expect.stringMatching(
          /^eu-central-1 Policy PolicyDocument\.Statement\.1\.Action: s3:GetObjekt: s3 has no such action \(as of iam-data \d/,
        ),
      ],
    ],
    'a service that is none': [
      policy({ Effect: 'Deny', NotAction: 'elb:DeleteLoadBalancer' }),
      [expect.stringMatching(/Statement\.0\.NotAction: elb:DeleteLoadBalancer: no service has the prefix elb \(as of/)],
    ],
    'an action without its service': [
      policy({ Action: 'GetObject' }),
      ['eu-central-1 Policy PolicyDocument.Statement.0.Action: GetObject: an action is written service:Name'],
    ],
    'a permission of a function': [
      assemblyOf({ Permission: ['Lambda::Permission', { Action: 'lambda:Invoke', FunctionName: 'f', Principal: OWN }] }),
      [expect.stringMatching(/^eu-central-1 Permission Action: lambda:Invoke: lambda has no such action/)],
    ],
  },
});

describeRule(actionWildcardMatchesNothing, {
  holds: {
    'wildcards that match': policy({ Action: ['s3:Get*', 's3:*', 'sqs:Send?essage', '*', 's3*:Get*'] }),
    'an action that only a deploy knows': policy({ Action: { 'Fn::Join': ['', ['s3:', MAYBE, '*']] } }),
    'a service that is none, which another rule is about': policy({ Action: 'elb:*' }),
  },
  broken: {
    'one that matches nothing': [
      policy({ Action: ['sqs:Fetch*'] }),
      [
        expect.stringMatching(
          /^eu-central-1 Policy PolicyDocument\.Statement\.0\.Action: sqs:Fetch\* matches none of the \d+ actions of sqs \(as of/,
        ),
      ],
    ],
  },
});

const NOTHING = { Ref: 'AWS::NoValue' };
const EVERYTHING = { Action: '*', Resource: '*' };

describeRule(adminStatement, {
  holds: {
    'one service': policy({ Action: 's3:*', Resource: '*' }),
    'one resource': policy({ Action: '*', Resource: 'arn:aws:s3:::mine' }),
    'a denial': policy({ Effect: 'Deny', ...EVERYTHING }),
    'the policy of an endpoint, which gives nothing': assemblyOf({
      Endpoint: ['EC2::VPCEndpoint', { PolicyDocument: document({ Principal: '*', ...EVERYTHING }) }],
    }),
    'a resource that only a deploy knows': policy({ Action: '*', Resource: MAYBE }),
  },
  broken: {
    'everything among others': [
      policy({ Action: ['s3:GetObject', '*'], Resource: '*' }),
      ['eu-central-1 Policy PolicyDocument.Statement.0: this one does'],
    ],

    'everything on everything': [policy(EVERYTHING), ['eu-central-1 Policy PolicyDocument.Statement.0: this one does']],
    'a policy inside a role, in lists': [
      assemblyOf({ Role: ['IAM::Role', { Policies: [{ PolicyDocument: document({ Action: ['*'], Resource: ['*'] }) }] }] }),
      ['eu-central-1 Role Policies.0.PolicyDocument.Statement.0: this one does'],
    ],
    'one of two that a condition chooses from': [
      assemblyOf({
        Policy: [
          'IAM::Policy',
          { PolicyDocument: { Statement: [{ 'Fn::If': ['Large', ...document(EVERYTHING).Statement, NOTHING] }] } },
        ],
      }),
      ['eu-central-1 Policy PolicyDocument.Statement.0: this one does'],
    ],
    'a condition': [
      policy({ ...EVERYTHING, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
      ['eu-central-1 Policy PolicyDocument.Statement.0: this one does, under a condition'],
    ],
  },
});

const withPolicies = (...ManagedPolicyArns: unknown[]) => assemblyOf({ Role: ['IAM::Role', { ManagedPolicyArns }] });

describeRule(administratorManagedPolicy, {
  holds: {
    'another policy of AWS': withPolicies('arn:aws:iam::aws:policy/ReadOnlyAccess'),
    'a policy that only a deploy knows': withPolicies(MAYBE),
  },
  broken: {
    'an administrator, in any partition': [
      assemblyOf(
        stackOf(
          {
            Role: [
              'IAM::Role',
              { ManagedPolicyArns: [{ 'Fn::Sub': `arn:\${AWS::Partition}:iam::aws:policy/AdministratorAccess` }] },
            ],
          },
          { region: 'unknown-region' },
        ),
      ),
      ['unknown-region Role ManagedPolicyArns.0: this one has AdministratorAccess'],
    ],
    'a function of AWS SAM, which knows the policy by its name': [
      assemblyOf({ Fn: ['Serverless::Function', { Policies: ['AWSLambdaExecute', 'AdministratorAccess'] }] }),
      ['eu-central-1 Fn Policies.1: this one has AdministratorAccess'],
    ],
    'somebody who may write policies': [
      withPolicies('arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::aws:policy/IAMFullAccess'),
      ['eu-central-1 Role ManagedPolicyArns.1: this one has IAMFullAccess'],
    ],
  },
});

describeRule(allowByExclusion, {
  holds: {
    'a denial of everything else': policy({ Effect: 'Deny', NotAction: 's3:*', Resource: '*' }),
    'an effect that only a deploy knows': policy({ Effect: MAYBE, NotAction: 's3:*' }),
    'a policy of an organization': assemblyOf({ Scp: ['Organizations::Policy', { Content: document({ NotAction: 'iam:*' }) }] }),
  },
  broken: {
    NotAction: [
      policy({ NotAction: 'iam:*', Resource: '*' }),
      ['eu-central-1 Policy PolicyDocument.Statement.0.NotAction: this one has NotAction'],
    ],
    NotResource: [
      policy({ Action: 's3:*', NotResource: MAYBE }),
      ['eu-central-1 Policy PolicyDocument.Statement.0.NotResource: this one has NotResource'],
    ],
    NotPrincipal: [
      queue({ NotPrincipal: { AWS: OTHER } }),
      ['eu-central-1 QueuePolicy PolicyDocument.Statement.0.NotPrincipal: this one has NotPrincipal'],
    ],
  },
});

const WAY = 'eu-central-1 Policy PolicyDocument.Statement.0';
const ALL_ROLES = `arn:aws:iam::${OWN}:role/*`;

describeRule(privilegeEscalation, {
  holds: {
    'a single role': policy(
      { Action: ['iam:PassRole', 'iam:PutRolePolicy'], Resource: `arn:aws:iam::${OWN}:role/app` },
      { Action: 'ec2:RunInstances', Resource: '*' },
    ),
    'half of a way': policy({ Action: ['iam:PassRole', 'ec2:DescribeInstances'], Resource: '*' }),
    'a role that only a deploy knows': policy({ Action: 'sts:AssumeRole', Resource: { 'Fn::GetAtt': ['Role', 'Arn'] } }),
    'a condition': policy({ Action: 'iam:PutRolePolicy', Resource: '*', ...tested('StringEquals', 'iam:PermissionsBoundary') }),
    'a denial beside it': policy({ Action: 'iam:*', Resource: '*' }, { Effect: 'Deny', Action: 'iam:*', Resource: '*' }),
    'roles for another service': policy(
      { Action: 'iam:PassRole', Resource: '*', ...tested('StringEquals', 'iam:PassedToService', 'ecs-tasks.amazonaws.com') },
      { Action: 'ec2:RunInstances', Resource: '*' },
    ),
    'versions of one function': policy({
      Action: 'lambda:UpdateFunctionCode',
      Resource: `arn:aws:lambda:eu-central-1:${OWN}:function:one:*`,
    }),
    'everything, which another rule is about': policy(EVERYTHING),
  },
  broken: {
    'roles for several services': [
      policy(
        {
          Action: 'iam:PassRole',
          Resource: [`arn:aws:iam::${OWN}:role/app`, '*'],
          ...tested('StringEquals', 'iam:PassedToService', ['ecs-tasks.amazonaws.com', 'ec2.amazonaws.com']),
        },
        { Action: 'ec2:RunInstances', Resource: '*' },
      ),
      [`${WAY}: Policy can pass any role to a new server (iam:PassRole, ec2:RunInstances)`],
    ],
    'three ways': [
      policy({ Action: ['iam:AddUserToGroup', 'iam:PutUserPolicy', 'ssm:SendCommand'], Resource: '*' }),
      [
        `${WAY}: Policy can write a policy for any user (iam:PutUserPolicy); join any group (iam:AddUserToGroup); run commands on any server (ssm:SendCommand)`,
      ],
    ],

    'policies of any role': [
      policy({ Action: ['iam:PutRolePolicy'], Resource: ALL_ROLES }),
      [`${WAY}: Policy can write a policy for any role (iam:PutRolePolicy)`],
    ],
    'any role': [
      policy({ Action: 'sts:Assume*', Resource: '*' }),
      [`${WAY}: Policy can become any role that trusts its account (sts:AssumeRole)`],
    ],
    'any role for a server': [
      policy({
        Action: ['iam:PassRole', 'ec2:RunInstances'],
        Resource: '*',
        ...tested('StringLike', 'iam:PassedToService', 'ec2.*'),
      }),
      [`${WAY}: Policy can pass any role to a new server (iam:PassRole, ec2:RunInstances)`],
    ],
    'two policies of one role': [
      assemblyOf({
        Role: ['IAM::Role', { Policies: [{ PolicyDocument: document({ Action: 'ec2:RunInstances', Resource: '*' }) }] }],
        Policy: [
          'IAM::Policy',
          { Roles: [{ Ref: 'Role' }], PolicyDocument: document({ Action: 'iam:PassRole', Resource: '*' }) },
        ],
      }),
      [`${WAY}: Role can pass any role to a new server (iam:PassRole, ec2:RunInstances)`],
    ],
    'all of IAM': [
      policy({ Action: 'iam:*', Resource: '*' }),
      [
        `${WAY}: Policy can write any policy anew (iam:CreatePolicyVersion); go back to an older version of any policy (iam:SetDefaultPolicyVersion); make access keys of any user (iam:CreateAccessKey), and has 10 more ways`,
      ],
    ],
    'users by name': [
      assemblyOf({
        Policy: [
          'IAM::ManagedPolicy',
          { Users: ['alice'], PolicyDocument: document({ Action: 'iam:AddUserToGroup', Resource: '*' }) },
        ],
      } as Resources),
      [`${WAY}: alice can join any group (iam:AddUserToGroup)`],
    ],
  },
});
