import { backupPlanTooShort } from '../../../lib/review/rules/backup-plan-too-short';
import { deletionProtectionOff } from '../../../lib/review/rules/deletion-protection-off';
import { queueRetention } from '../../../lib/review/rules/queue-retention';
import { secretResolvedInTheOpen } from '../../../lib/review/rules/secret-resolved-in-the-open';
import { userPoolClientFlows } from '../../../lib/review/rules/user-pool-client-flows';
import { MAYBE } from './policy-templates';
import { assemblyOf, describeRule } from './templates';

type Properties = Record<string, unknown>;

const pool = (properties: Properties) => assemblyOf({ Users: ['Cognito::UserPool', properties] });
const table = (properties: Properties) => assemblyOf({ Rows: ['DynamoDB::Table', properties] });
const globalTable = (...Replicas: unknown[]) => assemblyOf({ Rows: ['DynamoDB::GlobalTable', { Replicas }] });

describeRule(deletionProtectionOff, {
  holds: {
    'a pool': pool({ DeletionProtection: 'ACTIVE' }),
    'a table': table({ DeletionProtectionEnabled: 'true' }),
    'every replica': globalTable({ DeletionProtectionEnabled: true }, MAYBE),
    'what only a deploy knows': table({ DeletionProtectionEnabled: MAYBE }),
  },
  broken: {
    'a pool without a word': [pool({}), ['eu-central-1 Users DeletionProtection: undefined']],
    'a pool that says so': [pool({ DeletionProtection: 'INACTIVE' }), ['eu-central-1 Users DeletionProtection: undefined']],
    'a table': [table({}), ['eu-central-1 Rows DeletionProtectionEnabled: undefined']],
    'one replica': [
      globalTable({ DeletionProtectionEnabled: true }, { DeletionProtectionEnabled: false }),
      ['eu-central-1 Rows Replicas.1.DeletionProtectionEnabled: undefined'],
    ],
  },
});

const queue = (properties: Properties) => assemblyOf({ Jobs: ['SQS::Queue', properties] });
const RedrivePolicy = { deadLetterTargetArn: MAYBE, maxReceiveCount: 5 };

describeRule(queueRetention, {
  holds: {
    'what SQS does by itself': queue({ RedrivePolicy }),
    'a day for five attempts of an hour': queue({
      MessageRetentionPeriod: 86400,
      VisibilityTimeout: 3600,
      RedrivePolicy,
    }),
    'a period that only a deploy knows': queue({ MessageRetentionPeriod: MAYBE }),
    'attempts that only a deploy knows': queue({ MessageRetentionPeriod: 60, RedrivePolicy: { maxReceiveCount: MAYBE } }),
  },
  broken: {
    'as long as five attempts take': [
      queue({ MessageRetentionPeriod: 1500, VisibilityTimeout: 300, RedrivePolicy }),
      ['eu-central-1 Jobs MessageRetentionPeriod: this one keeps them 1500 seconds, 5 attempts take 1500'],
    ],
    'less than one attempt takes': [
      queue({ MessageRetentionPeriod: '60', VisibilityTimeout: 120 }),
      ['eu-central-1 Jobs MessageRetentionPeriod: this one keeps them 60 seconds, one attempt takes 120'],
    ],
  },
});

const plan = (...days: unknown[]) =>
  assemblyOf({
    Plan: [
      'Backup::BackupPlan',
      { BackupPlan: { BackupPlanRule: days.map((DeleteAfterDays) => ({ Lifecycle: { DeleteAfterDays } })) } },
    ],
  });

describeRule(backupPlanTooShort, {
  holds: {
    'a week': plan(7),
    'a day, and a month': plan(1, '30'),
    'for ever': assemblyOf({ Plan: ['Backup::BackupPlan', { BackupPlan: { BackupPlanRule: [{}] } }] }),
    'what only a deploy knows': plan(MAYBE),
    'no rule': plan(),
  },
  broken: {
    'a day': [plan(1), ['eu-central-1 Plan BackupPlan.BackupPlanRule.0.Lifecycle.DeleteAfterDays: this one keeps it 1 day']],
    'six days at most': [
      plan(2, 6),
      ['eu-central-1 Plan BackupPlan.BackupPlanRule.1.Lifecycle.DeleteAfterDays: this one keeps it 6 days'],
    ],
  },
});

const password = { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Secret' }, ':SecretString:password::}}']] };
const container = (definition: Properties) =>
  assemblyOf({ Task: ['ECS::TaskDefinition', { ContainerDefinitions: [definition] }] });

describeRule(secretResolvedInTheOpen, {
  holds: {
    'a secret that ECS fetches': container({ Secrets: [{ Name: 'PASSWORD', ValueFrom: { Ref: 'Secret' } }] }),
    'a parameter that is no secret': container({ Environment: [{ Name: 'SIZE', Value: '{{resolve:ssm:/size}}' }] }),
    'a database, which keeps it to itself': assemblyOf({ Shop: ['RDS::DBInstance', { MasterUserPassword: password }] }),
  },
  broken: {
    'the environment of a container': [
      container({ Environment: [{ Name: 'PASSWORD', Value: password }] }),
      ['eu-central-1 Task ContainerDefinitions.0.Environment.0.Value: undefined'],
    ],
    'the environment of a function': [
      assemblyOf({ Fn: ['Lambda::Function', { Environment: { Variables: { KEY: '{{resolve:ssm-secure:/key:1}}' } } }] }),
      ['eu-central-1 Fn Environment.Variables.KEY: undefined'],
    ],
    'user data': [
      assemblyOf({ Server: ['EC2::Instance', { UserData: { 'Fn::Base64': password } }] }),
      ['eu-central-1 Server UserData: undefined'],
    ],
    'a plain parameter': [
      assemblyOf({ Copy: ['SSM::Parameter', { Type: 'String', Value: password }] }),
      ['eu-central-1 Copy Value: undefined'],
    ],
  },
});

const client = (properties: Properties) => assemblyOf({ Web: ['Cognito::UserPoolClient', properties] });

describeRule(userPoolClientFlows, {
  holds: {
    'a code, SRP, and an address with TLS': client({
      AllowedOAuthFlows: ['code'],
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
      CallbackURLs: ['https://shop.example.com/back', 'http://localhost:3000', 'http://127.0.0.1/back', 'shop://back'],
    }),
    'addresses that only a deploy knows': client({ CallbackURLs: [MAYBE] }),
  },
  broken: {
    'the implicit grant': [
      client({ AllowedOAuthFlows: ['code', 'implicit'] }),
      ['eu-central-1 Web AllowedOAuthFlows.1: this one has implicit'],
    ],
    'a password that is passed on': [
      client({ ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] }),
      ['eu-central-1 Web ExplicitAuthFlows.0: this one has ALLOW_USER_PASSWORD_AUTH'],
    ],
    'an address in clear text, and one that only begins like the own machine': [
      client({ CallbackURLs: ['http://shop.example.com', 'http://localhost.example.com'] }),
      [
        'eu-central-1 Web CallbackURLs.0: this one has http://shop.example.com',
        'eu-central-1 Web CallbackURLs.1: this one has http://localhost.example.com',
      ],
    ],
    'any address': [
      client({ CallbackURLs: ['https://*.example.com'] }),
      ['eu-central-1 Web CallbackURLs.0: this one has https://*.example.com'],
    ],
  },
});
