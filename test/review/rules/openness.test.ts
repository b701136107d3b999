import type { Assembly } from '../../../lib/assembly/cloud-assembly';
import { crossAccountPrincipal } from '../../../lib/review/rules/cross-account-principal';
import { federatedTrustWithoutSubject } from '../../../lib/review/rules/federated-trust-without-subject';
import { resourcePolicyOpenToAnyone } from '../../../lib/review/rules/resource-policy-open-to-anyone';
import { servicePrincipalWithoutSource } from '../../../lib/review/rules/service-principal-without-source';
import { trustOpenToAnyone } from '../../../lib/review/rules/trust-open-to-anyone';
import { document, MAYBE, OTHER, OWN, queue, role, type Statement, tested } from './policy-templates';
import { assemblyOf, describeRule, stackOf } from './templates';

const ANYONE = { Principal: { AWS: '*' } };
const OPEN_TRUST = [
  'eu-central-1 Role AssumeRolePolicyDocument.Statement.0.Principal: this one trusts everybody, and no condition holds them',
];

describeRule(trustOpenToAnyone, {
  holds: {
    'a service': role({ Principal: { Service: 'ec2.amazonaws.com' } }),
    'an account': role({ Principal: { AWS: OWN } }),
    'an organization': role({ ...ANYONE, ...tested('StringEquals', 'aws:PrincipalOrgID', 'o-1') }),
    'a principal that only a deploy knows': role({ Principal: { AWS: MAYBE } }),
    'a condition whose value only a deploy knows': role({ ...ANYONE, ...tested('ArnLike', 'AWS:PrincipalArn', MAYBE) }),
  },
  broken: {
    'one organization, or every': [role({ ...ANYONE, ...tested('StringLike', 'aws:PrincipalOrgID', ['o-1', '*']) }), OPEN_TRUST],

    everybody: [role(ANYONE), OPEN_TRUST],
    'everybody, in short': [role({ Principal: '*' }), OPEN_TRUST],
    'everybody among others': [role({ Principal: { AWS: [OWN, '*'] } }), OPEN_TRUST],
    'everybody but somebody': [role({ NotPrincipal: { AWS: OWN } }), OPEN_TRUST],
    'a condition that holds nobody': [role({ ...ANYONE, ...tested('Bool', 'aws:SecureTransport', 'true') }), OPEN_TRUST],
    'a condition that passes without the key': [
      role({ ...ANYONE, ...tested('StringEqualsIfExists', 'aws:PrincipalOrgID') }),
      OPEN_TRUST,
    ],
    'a condition that an empty list passes': [
      role({ ...ANYONE, ...tested('ForAllValues:StringEquals', 'aws:PrincipalOrgPaths') }),
      OPEN_TRUST,
    ],
    'a condition that excludes': [role({ ...ANYONE, ...tested('StringNotEquals', 'aws:PrincipalAccount', OTHER) }), OPEN_TRUST],
    'a condition that everything passes': [
      role({ ...ANYONE, ...tested('StringLike', 'aws:PrincipalArn', ['arn:aws:iam::*:role/ops']) }),
      OPEN_TRUST,
    ],
    'every address, in two halves': [
      role({ ...ANYONE, ...tested('IpAddress', 'aws:SourceIp', ['0.0.0.0/1', '128.0.0.0/1']) }),
      OPEN_TRUST,
    ],
    'any organization': [role({ ...ANYONE, ...tested('StringLike', 'aws:PrincipalOrgID', 'o-*') }), OPEN_TRUST],
    'the principals of every account': [role({ Principal: { AWS: 'arn:aws:iam::*:root' } }), OPEN_TRUST],
    'all addresses': [role({ ...ANYONE, ...tested('IpAddress', 'aws:SourceIp', '0.0.0.0/0') }), OPEN_TRUST],
  },
});

const GITHUB = 'token.actions.githubusercontent.com';
const federated = (Federated: unknown, more: Statement = {}) =>
  role({ Principal: { Federated }, Action: 'sts:AssumeRoleWithWebIdentity', ...more });
const githubArn = `arn:aws:iam::${OWN}:oidc-provider/${GITHUB}`;
const anyToken = (provider: string) => [
  `eu-central-1 Role AssumeRolePolicyDocument.Statement.0.Condition: this one takes any token of ${provider}`,
];

describeRule(federatedTrustWithoutSubject, {
  holds: {
    'a denial': federated(githubArn, { Effect: 'Deny' }),

    'a repository': federated(githubArn, tested('StringLike', `${GITHUB}:sub`, 'repo:acme/shop:*')),
    'an identity pool': federated(
      'cognito-identity.amazonaws.com',
      tested('StringEquals', 'cognito-identity.amazonaws.com:aud', 'eu-central-1:1'),
    ),
    'the provider of a single company': federated(`arn:aws:iam::${OWN}:oidc-provider/login.example.com`),
    'a provider that only a deploy knows': federated(MAYBE),
    'a subject that only a deploy knows': federated(githubArn, tested('StringEquals', `${GITHUB}:sub`, MAYBE)),
  },
  broken: {
    'one subject, or every': [
      federated(githubArn, tested('StringLike', `${GITHUB}:sub`, ['repo:acme/*', '*'])),
      anyToken(GITHUB),
    ],
    'all but one subject': [federated(githubArn, tested('StringNotLike', `${GITHUB}:sub`, 'repo:evil/*')), anyToken(GITHUB)],

    'any repository': [federated(githubArn), anyToken(GITHUB)],
    'any repository, put together': [
      federated({ 'Fn::Join': ['', ['arn:aws:iam::', MAYBE, `:oidc-provider/${GITHUB}`]] }),
      anyToken(GITHUB),
    ],
    'the audience alone': [federated(githubArn, tested('StringEquals', `${GITHUB}:aud`, 'sts.amazonaws.com')), anyToken(GITHUB)],
    'every subject': [federated(githubArn, tested('StringLike', `${GITHUB}:sub`, '*')), anyToken(GITHUB)],
    'a test that an absent claim passes': [
      federated(githubArn, tested('ForAllValues:StringLike', `${GITHUB}:sub`, 'repo:acme/*')),
      anyToken(GITHUB),
    ],
    'any identity pool': [federated('cognito-identity.amazonaws.com'), anyToken('cognito-identity.amazonaws.com')],
  },
});

const OPEN_QUEUE = [
  'eu-central-1 QueuePolicy PolicyDocument.Statement.0.Principal: this one allows everybody, and no condition holds them',
];
const DENIED = { ...ANYONE, Effect: 'Deny', Action: 'sqs:*', ...tested('StringNotEquals', 'aws:PrincipalOrgID', 'o-1') };
const domain = (properties: Statement): Assembly =>
  assemblyOf({
    Search: [
      'OpenSearchService::Domain',
      { AccessPolicies: document({ ...ANYONE, Action: 'es:ESHttp*', Resource: '*' }), ...properties },
    ],
  });
const permission = (properties: Statement) =>
  assemblyOf({ Permission: ['Lambda::Permission', { Action: 'lambda:InvokeFunction', FunctionName: 'f', ...properties }] });

describeRule(resourcePolicyOpenToAnyone, {
  holds: {
    'a denial to everybody else, in more words': queue(ANYONE, {
      ...DENIED,
      Principal: { AWS: ['*', OWN] },
      Action: ['sqs:DeleteQueue', 'sqs:*'],
      Condition: { Bool: { 'aws:PrincipalIsAWSService': 'false' }, ...DENIED.Condition },
    }),

    'a denial to everybody': queue({ ...ANYONE, Effect: 'Deny', ...tested('Bool', 'aws:SecureTransport', 'false') }),
    'a source': queue({ ...ANYONE, ...tested('ArnLike', 'aws:SourceArn', 'arn:aws:sns:*:123456789012:topic') }),
    'a bucket by its name, which is its own in the whole world': queue({
      ...ANYONE,
      ...tested('ArnLike', 'aws:SourceArn', 'arn:aws:s3:*:*:pictures'),
    }),
    'a source put together': queue({
      ...ANYONE,
      ...tested('ArnLike', 'aws:SourceArn', {
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':sns:*:', { Ref: 'AWS::AccountId' }, ':*']],
      }),
    }),
    'an endpoint': queue({ ...ANYONE, ...tested('StringEquals', 'aws:SourceVpce', 'vpce-1') }),
    'a principal that only a deploy knows': queue({ Principal: MAYBE }),
    'a denial to everybody else': queue(ANYONE, DENIED),
    'a domain in a VPC': domain({ VPCOptions: { SubnetIds: ['subnet-1'] } }),
    'a domain that knows its users': domain({ AdvancedSecurityOptions: { Enabled: true } }),
    'a public API, which is an entrance': assemblyOf({
      Api: ['ApiGateway::RestApi', { Policy: document({ ...ANYONE, Action: 'execute-api:Invoke', Resource: '*' }) }],
    }),
    'a file system for its network': assemblyOf({
      Files: [
        'EFS::FileSystem',
        { FileSystemPolicy: document({ ...ANYONE, ...tested('Bool', 'elasticfilesystem:AccessedViaMountTarget', 'true') }) },
      ],
    }),
    'a function for an organization': permission({ Principal: '*', PrincipalOrgID: 'o-1' }),
    'a bus for an organization, in the old way': assemblyOf({
      Bus: [
        'Events::EventBusPolicy',
        {
          Principal: '*',
          Action: 'events:PutEvents',
          Condition: { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1' },
        },
      ],
    }),
  },
  broken: {
    'a topic of any account': [queue({ ...ANYONE, ...tested('ArnLike', 'aws:SourceArn', 'arn:aws:sns:*:*:*') }), OPEN_QUEUE],
    'any bucket': [queue({ ...ANYONE, ...tested('ArnLike', 'aws:SourceArn', 'arn:aws:s3:::*') }), OPEN_QUEUE],
    'a source put together, of any account': [
      queue({
        ...ANYONE,
        ...tested('ArnLike', 'aws:SourceArn', { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':events:*:*:rule/*']] }),
      }),
      OPEN_QUEUE,
    ],
    'a queue whose denial denies nobody': [
      queue(ANYONE, { ...DENIED, ...tested('StringNotLike', 'aws:PrincipalOrgID', '*') }),
      OPEN_QUEUE,
    ],
    'a queue whose denial leaves one action': [
      queue({ ...ANYONE, Action: ['sqs:SendMessage', 'sns:Publish'] }, DENIED),
      OPEN_QUEUE,
    ],
    'a queue whose denial is about encryption on the way': [
      queue(ANYONE, { ...DENIED, ...tested('StringNotEquals', 'aws:SecureTransport', 'true') }),
      OPEN_QUEUE,
    ],
    'a domain on the internet beside one that is not': [
      assemblyOf(
        domain({}).stacks[0],
        stackOf({ Search: ['OpenSearchService::Domain', { VPCOptions: {} }] }, { region: 'us-east-1' }),
      ),
      ['eu-central-1 Search AccessPolicies.Statement.0.Principal: this one allows everybody, and no condition holds them'],
    ],

    'a queue': [queue(ANYONE), OPEN_QUEUE],
    'a key for everybody who comes by a service': [
      assemblyOf({
        Key: [
          'KMS::Key',
          {
            KeyPolicy: document({
              ...ANYONE,
              Action: 'kms:*',
              Resource: '*',
              ...tested('StringEquals', 'kms:ViaService', 's3.eu-central-1.amazonaws.com'),
            }),
          },
        ],
      }),
      ['eu-central-1 Key KeyPolicy.Statement.0.Principal: this one allows everybody, and no condition holds them'],
    ],
    'a queue whose denial is about something else': [queue(ANYONE, { ...DENIED, Action: 'sqs:DeleteQueue' }), OPEN_QUEUE],
    'a domain on the internet': [
      domain({}),
      ['eu-central-1 Search AccessPolicies.Statement.0.Principal: this one allows everybody, and no condition holds them'],
    ],
    'a function': [
      permission({ Principal: '*', FunctionUrlAuthType: 'NONE' }),
      ['eu-central-1 Permission Principal: this one allows everybody, and no condition holds them'],
    ],
    'a policy that is text': [
      assemblyOf({
        Secret: [
          'SecretsManager::ResourcePolicy',
          {
            ResourcePolicy: {
              'Fn::Join': [
                '',
                ['{"Statement":{"Effect":"Allow","Principal":"*","Action":"secretsmanager:*","Resource":"', MAYBE, '"}}'],
              ],
            },
          },
        ],
      }),
      ['eu-central-1 Secret ResourcePolicy.Statement.Principal: this one allows everybody, and no condition holds them'],
    ],
    'a bus': [
      assemblyOf({
        Bus: [
          'Events::EventBusPolicy',
          { Statement: { Effect: 'Allow', Principal: '*', Action: 'events:PutEvents', Resource: '*' } },
        ],
      }),
      ['eu-central-1 Bus Statement.Principal: this one allows everybody, and no condition holds them'],
    ],
  },
});

describeRule(crossAccountPrincipal, {
  holds: {
    'the own account': role({ Principal: { AWS: `arn:aws:iam::${OWN}:root` } }),
    'a principal that only a deploy knows': role({ Principal: { AWS: { 'Fn::Sub': `arn:aws:iam::\${Other}:root` } } }),
    'the account from which load balancers write logs': queue({ Principal: { AWS: 'arn:aws:iam::127311923021:root' } }),
    'a denial': queue({ Effect: 'Deny', Principal: { AWS: OTHER } }),
    'a stack that does not know its account': assemblyOf(
      stackOf(
        { Role: ['IAM::Role', { AssumeRolePolicyDocument: document({ Principal: { AWS: OTHER } }) }] },
        { account: 'unknown-account' },
      ),
    ),
  },
  broken: {
    'a role for another account': [
      role({ Principal: { AWS: [`arn:aws:iam::${OWN}:root`, `arn:aws:iam::${OTHER}:role/ops`] } }),
      [`eu-central-1 Role AssumeRolePolicyDocument.Statement.0.Principal: this one lets in ${OTHER}`],
    ],
    'a queue for another account': [
      queue({ Principal: { AWS: OTHER } }),
      [`eu-central-1 QueuePolicy PolicyDocument.Statement.0.Principal: this one lets in ${OTHER}`],
    ],
    'a function for another account': [
      permission({ Principal: OTHER }),
      [`eu-central-1 Permission Principal: this one lets in ${OTHER}`],
    ],
  },
});

const SNS = { Principal: { Service: 'sns.amazonaws.com' } };
const FOR_ANYBODY = [
  'eu-central-1 QueuePolicy PolicyDocument.Statement.0.Condition: this one lets in sns.amazonaws.com for anybody',
];

describeRule(servicePrincipalWithoutSource, {
  holds: {
    'an account': queue({ ...SNS, ...tested('StringEquals', 'aws:SourceAccount', OWN) }),
    'a source that only a deploy knows': queue({ ...SNS, ...tested('ArnEquals', 'aws:SourceArn', MAYBE) }),
    'a role, to which nobody else can pass anything': role(SNS),
    'a denial': queue({ ...SNS, Effect: 'Deny' }),
    'the folder of an account, in which others cannot write': queue({
      ...SNS,
      Resource: { 'Fn::Join': ['', [MAYBE, `/AWSLogs/${OWN}/*`]] },
    }),
    'a context of encryption': queue({ ...SNS, ...tested('StringEquals', 'kms:EncryptionContext:aws:sns:topicArn') }),
  },
  broken: {
    'the folder of the account among others': [
      queue({ ...SNS, Resource: [`arn:aws:s3:::logs/AWSLogs/${OWN}/*`, 'arn:aws:s3:::logs/*'] }),
      FOR_ANYBODY,
    ],
    'a policy that names no resource': [
      assemblyOf({ Images: ['ECR::Repository', { RepositoryPolicyText: document({ ...SNS, Action: 'ecr:BatchGetImage' }) }] }),
      ['eu-central-1 Images RepositoryPolicyText.Statement.0.Condition: this one lets in sns.amazonaws.com for anybody'],
    ],

    'a topic of anybody': [queue(SNS), FOR_ANYBODY],
    'the folder of another account': [queue({ ...SNS, Resource: `arn:aws:s3:::logs/AWSLogs/${OTHER}/*` }), FOR_ANYBODY],
    'a function': [
      permission({ Principal: 's3.amazonaws.com' }),
      ['eu-central-1 Permission SourceArn: this one lets in s3.amazonaws.com for anybody'],
    ],
  },
});
