import { App, Stack as CdkStack, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CacheUsers, type CacheUsersProps } from '../../../lib/blocks/data/cache-users';
import { agnosticStack, testStack } from '../../stacks';
import { nagFindings } from '../nag';
import { additions, FLAGS, losses } from './kept';

function users(props: CacheUsersProps = {}, stack: Stack = testStack()): Stack {
  new CacheUsers(stack, 'Users', props);
  return stack;
}

test('one user by password, the nameless one switched off, both in a Valkey group', () => {
  const template = Template.fromStack(users());
  const password = {
    Type: 'password',
    Passwords: [
      {
        'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: Match.stringLikeRegexp('Secret') }, ':SecretString:password::}}']],
      },
    ],
  };
  template.hasResourceProperties('AWS::ElastiCache::User', {
    Engine: 'valkey',
    UserName: 'app',
    AccessString: 'on ~* &* +@all',
    AuthenticationMode: password,
    Passwords: Match.absent(),
    NoPasswordRequired: Match.absent(),
  });
  template.hasResourceProperties('AWS::ElastiCache::User', {
    Engine: 'valkey',
    UserName: 'default',
    AccessString: 'off -@all',
    AuthenticationMode: password,
  });
  template.hasResourceProperties('AWS::ElastiCache::UserGroup', {
    Engine: 'valkey',
    UserIds: [{ Ref: Match.stringLikeRegexp('UsersUser') }, { Ref: Match.stringLikeRegexp('UsersDefaultUser') }],
  });
});

test('secret, users, group and key are retained, the secret is nameless and encrypted', () => {
  const template = Template.fromStack(users());
  for (const [type, count, DeletionPolicy] of [
    ['AWS::ElastiCache::User', 2, 'RetainExceptOnCreate'],
    ['AWS::ElastiCache::UserGroup', 1, 'RetainExceptOnCreate'],
    ['AWS::SecretsManager::Secret', 1, 'Retain'],
    ['AWS::KMS::Key', 1, 'Retain'],
  ] as const) {
    template.resourcePropertiesCountIs(type, {}, count);
    template.allResources(type, { DeletionPolicy, UpdateReplacePolicy: 'Retain' });
  }
  template.hasResourceProperties('AWS::SecretsManager::Secret', {
    Name: Match.absent(),
    KmsKeyId: Match.anyValue(),
    GenerateSecretString: {
      SecretStringTemplate: '{"username":"app"}',
      GenerateStringKey: 'password',
      PasswordLength: 64,
      ExcludePunctuation: true,
    },
  });
});

test('ids fit, differ, and follow from the path', () => {
  const stack = new CdkStack(new App(), 'AStackWithANameThatIsMuchTooLongForAnIdOfElastiCache');
  const template = Template.fromStack(users({}, stack));
  const ids = [
    ...Object.values(template.findResources('AWS::ElastiCache::User')).map(({ Properties }) => Properties.UserId),
    ...Object.values(template.findResources('AWS::ElastiCache::UserGroup')).map(({ Properties }) => Properties.UserGroupId),
  ];
  for (const id of ids) expect(id).toMatch(/^[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]$/);
  expect(new Set(ids).size).toBe(3);
});

test('copies of the credentials are no loss, whatever the flags', () => {
  expect(losses(users(), users({ credentialReplicaRegions: ['eu-central-1'] }))).toEqual([]);
  expect(additions(users(), users({ credentialReplicaRegions: ['eu-central-1'] }))).toEqual([]);
  Template.fromStack(users({ credentialReplicaRegions: ['eu-central-1'] })).hasResourceProperties('AWS::SecretsManager::Secret', {
    ReplicaRegions: [{ Region: 'eu-central-1' }],
  });
  expect(losses(users(), users({}, testStack({ context: FLAGS })))).toEqual([]);
});

test('a copy in the own Region is refused', () => {
  expect(() => users({ credentialReplicaRegions: ['us-east-1'] })).toThrow(
    new Error("credentialReplicaRegions must not hold the stack's own Region, got 'us-east-1': the original is there already"),
  );
});

test('it works without a concrete environment', () => {
  Template.fromStack(users({}, agnosticStack())).resourceCountIs('AWS::ElastiCache::UserGroup', 1);
});

test('AwsSolutions has no open finding', () => {
  expect(nagFindings(users())).toEqual([]);
});
