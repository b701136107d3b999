import { keyInTemplate } from '../../../lib/review/rules/key-in-template';
import { plaintextSecret } from '../../../lib/review/rules/plaintext-secret';
import { secretInUserData } from '../../../lib/review/rules/secret-in-user-data';
import { assemblyOf, describeRule, found } from './templates';

const MAYBE = { Ref: 'Maybe' };
const SECRET = 'correct-horse-battery';

const database = (properties: Record<string, unknown>) => assemblyOf({ Db: ['RDS::DBCluster', properties] });
const task = (...Environment: unknown[]) =>
  assemblyOf({ Task: ['ECS::TaskDefinition', { ContainerDefinitions: [{ Environment }] }] });
const lambda = (Variables: Record<string, unknown>) => assemblyOf({ Fn: ['Lambda::Function', { Environment: { Variables } }] });
const ENVIRONMENT = 'eu-central-1 Task ContainerDefinitions.0.Environment.0.Value';

describeRule(plaintextSecret, {
  holds: {
    'a variable whose value only a deploy knows': task({ Name: 'PASSWORD', Value: MAYBE }),

    'a secret that is fetched': database({
      MasterUserPassword: '{{resolve:secretsmanager:arn:aws:secretsmanager:x:SecretString:password::}}',
    }),
    'a secret that only a deploy knows': database({ MasterUserPassword: { 'Fn::Join': ['', ['{{resolve:', MAYBE, '}}']] } }),
    'a switch': database({ ManageMasterUserPassword: true }),
    'where a secret is': task({ Name: 'DB_SECRET_ARN', Value: 'name-of-it' }, { Name: 'TOKEN_FILE', Value: 'token.txt' }),
    'an ARN, a path, an address and a number': task(
      { Name: 'PASSWORD', Value: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:a' },
      { Name: 'SECRET', Value: '/run/secrets/a' },
      { Name: 'TOKEN', Value: 'https://login.example.com' },
      { Name: 'MAX_TOKEN', Value: '4096' },
    ),
    'a value that only a deploy knows': lambda({ PASSWORD: MAYBE }),
    'an address without a password': lambda({ DATABASE_URL: 'postgres://app@db.example.com/shop' }),
    'units and tags': assemblyOf({
      Client: [
        'Cognito::UserPoolClient',
        { TokenValidityUnits: { AccessToken: 'minutes' }, Tags: [{ Name: 'token', Value: 'none' }] },
      ],
    }),
    'a parameter of a database that is about passwords': assemblyOf({
      Group: ['RDS::DBParameterGroup', { Parameters: { password_encryption: 'scram-sha-256' } }],
    }),
  },
  broken: {
    'a password of a database': [
      database({ MasterUserPassword: SECRET }),
      ['eu-central-1 Db MasterUserPassword: the value of MasterUserPassword does'],
    ],
    'a secret with its value': [
      assemblyOf({ Secret: ['SecretsManager::Secret', { SecretString: SECRET }] }),
      ['eu-central-1 Secret SecretString: the value of SecretString does'],
    ],
    'a list of passwords': [
      assemblyOf({ User: ['ElastiCache::User', { Passwords: [SECRET] }] }),
      ['eu-central-1 User Passwords.0: the value of Passwords does'],
    ],
    'a variable of a container': [
      task({ Name: 'DATABASE_PASSWORD', Value: SECRET }),
      [`${ENVIRONMENT}: the value of DATABASE_PASSWORD does`],
    ],
    'an address with a password': [
      task({ Name: 'DATABASE', Value: `postgres://app:${SECRET}@db.example.com/shop` }),
      [`${ENVIRONMENT}: the value of DATABASE does`],
    ],
    'a variable of a function': [
      lambda({ STRIPE_API_KEY: SECRET }),
      ['eu-central-1 Fn Environment.Variables.STRIPE_API_KEY: the value of STRIPE_API_KEY does'],
    ],
    'a header that only CloudFront should know': [
      assemblyOf({
        Site: [
          'CloudFront::Distribution',
          {
            DistributionConfig: { Origins: [{ OriginCustomHeaders: [{ HeaderName: 'X-Origin-Verify', HeaderValue: SECRET }] }] },
          },
        ],
      }),
      ['eu-central-1 Site DistributionConfig.Origins.0.OriginCustomHeaders.0.HeaderValue: the value of X-Origin-Verify does'],
    ],
    'a parameter store': [
      assemblyOf({ Parameter: ['SSM::Parameter', { Name: '/shop/db/password', Type: 'String', Value: SECRET }] }),
      ['eu-central-1 Parameter Value: the value of /shop/db/password does'],
    ],
  },
});

test('no secret that is found comes into a report', () => {
  const assembly = database({ MasterUserPassword: SECRET });

  expect(found(plaintextSecret, assembly).join()).not.toContain(SECRET);
});

const server = (UserData: unknown) => assemblyOf({ Server: ['EC2::Instance', { UserData }] });
const script = (...lines: string[]) => ({ 'Fn::Base64': lines.join('\n') });

describeRule(secretInUserData, {
  holds: {
    'a secret that is fetched': server(
      script('PASSWORD=$(aws secretsmanager get-secret-value --secret-id x)', 'export TOKEN="$OTHER"'),
    ),
    'a value that only a deploy knows': server({ 'Fn::Base64': { 'Fn::Sub': `PASSWORD=\${Maybe}` } }),
    'where a secret is': server(script('PASSWORD_FILE=/run/secrets/db')),
    'an empty one, and a switch': server(script('PASSWORD=', 'USE_TOKEN=true')),
    'no user data': assemblyOf({ Server: ['EC2::Instance', {}] }),
  },
  broken: {
    'a password in a script': [
      server(script('#!/bin/bash', `export DB_PASSWORD="${SECRET}"`)),
      ['eu-central-1 Server UserData: line 2 gives DB_PASSWORD a value in clear text'],
    ],
    'a password in a template for servers, encoded already': [
      assemblyOf({
        Template: [
          'EC2::LaunchTemplate',
          { LaunchTemplateData: { UserData: Buffer.from(`API_KEY=${SECRET}`).toString('base64') } },
        ],
      }),
      ['eu-central-1 Template LaunchTemplateData.UserData: line 1 gives API_KEY a value in clear text'],
    ],
    'a password that is put together with something else': [
      server({ 'Fn::Base64': { 'Fn::Join': ['', ['HOST=', MAYBE, `\nSECRET=${SECRET}\n`]] } }),
      ['eu-central-1 Server UserData: line 2 gives SECRET a value in clear text'],
    ],
  },
});

// Put together here, so that nobody's scanner takes this file for a leak.
const AWS_KEY = ['AKIA', 'QRSTUVWXYZ234567'].join('');
const PEM = ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ');

describeRule(keyInTemplate, {
  holds: {
    "an example of AWS's documents": server(script(`KEY=${['AKIA', 'IOSFODNN7EXAMPLE'].join('')}`)),
    'a public key': server(script('-----BEGIN PUBLIC KEY-----')),
    'text that only a deploy knows': server(MAYBE),
  },
  broken: {
    'an access key in user data': [
      server(script(`aws configure set aws_access_key_id ${AWS_KEY}`)),
      ['eu-central-1 Server UserData: this one has an AWS access key'],
    ],
    'an access key in user data, encoded already': [
      server(Buffer.from(`id=${AWS_KEY}`).toString('base64')),
      ['eu-central-1 Server UserData: this one has an AWS access key'],
    ],
    'a private key in a text that is put together': [
      assemblyOf({ Parameter: ['SSM::Parameter', { Value: { 'Fn::Join': ['\n', [PEM, MAYBE]] } }] }),
      ['eu-central-1 Parameter Value: this one has a private key'],
    ],
    'a token of GitHub': [
      lambda({ NOTE: ['ghp', 'a1'.repeat(18)].join('_') }),
      ['eu-central-1 Fn Environment.Variables.NOTE: this one has a token of GitHub'],
    ],
  },
});
