import type { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { PermissionModel } from '../../../lib/blocks/identity/permission-model';
import { PermissionStore, type PermissionStoreProps } from '../../../lib/blocks/identity/permission-store';
import { UserDirectory } from '../../../lib/blocks/identity/user-directory';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

const STORE = 'AWS::VerifiedPermissions::PolicyStore';
const groups = [
  { name: 'admin', precedence: 0, permits: ['refund', 'read'] },
  { name: 'staff', permits: ['read'] },
  { name: 'guests' },
];

function storeOf(stack: Stack, props: Partial<PermissionStoreProps> = {}): PermissionStore {
  const users = new UserDirectory(stack, 'Users', { groups });
  return new PermissionStore(stack, 'Permissions', { users, groups, ...props });
}

const encrypted = (stack: Stack) => storeOf(stack, { encryptionKey: new DataKey(stack, 'DataKey').key });
const role = (stack: Stack) => new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });

const SCHEMA = { Shop: { entityTypes: { User: {}, Group: {}, Order: {} }, actions: { refund: {}, read: {} } } };

describe('a permission store', () => {
  test('is protected, stays, and validates policies against a schema of the groups', () => {
    const template = templateOf((stack) => void storeOf(stack));
    template.hasResource(STORE, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DeletionProtection: { Mode: 'ENABLED' },
        ValidationSettings: { Mode: 'STRICT' },
        EncryptionSettings: Match.absent(),
      },
    });
    const [{ Properties }] = Object.values(template.findResources(STORE));
    const appliesTo = { principalTypes: ['User'], resourceTypes: ['Resource'] };
    expect(JSON.parse(Properties.Schema.CedarJson)).toEqual({
      Product: {
        entityTypes: { User: { memberOfTypes: ['Group'] }, Group: {}, Resource: {} },
        actions: { refund: { appliesTo }, read: { appliesTo } },
      },
    });
  });

  test('takes its people and their groups from the user pool, through the product’s own client', () => {
    templateOf((stack) => void storeOf(stack)).hasResourceProperties('AWS::VerifiedPermissions::IdentitySource', {
      PolicyStoreId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^PermissionsStore'), 'PolicyStoreId'] },
      PrincipalEntityType: 'Product::User',
      Configuration: {
        CognitoUserPoolConfiguration: {
          UserPoolArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^UsersPool'), 'Arn'] },
          ClientIds: [{ Ref: Match.stringLikeRegexp('^UsersPoolClient') }],
          GroupConfiguration: { GroupEntityType: 'Product::Group' },
        },
      },
    });
  });

  test('has a policy for each group that permits something', () => {
    const template = templateOf((stack) => void storeOf(stack));
    template.resourceCountIs('AWS::VerifiedPermissions::Policy', 2);
    template.hasResourceProperties('AWS::VerifiedPermissions::Policy', {
      Definition: {
        Static: {
          Description: 'What admin may do',
          Statement: {
            'Fn::Join': [
              '',
              [
                'permit (principal in Product::Group::"',
                { Ref: Match.stringLikeRegexp('^UsersPool') },
                '|admin", action in [Product::Action::"refund", Product::Action::"read"], resource);',
              ],
            ],
          },
        },
      },
    });
  });

  test('is encrypted with the key given, which lets policy stores of this account in and nobody else’s', () => {
    const template = templateOf((stack) => void encrypted(stack));
    template.hasResourceProperties(STORE, {
      EncryptionSettings: { KmsEncryptionSettings: { Key: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataKey'), 'Arn'] } } },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'PolicyStoresOfThisAccount',
            Principal: { Service: 'verifiedpermissions.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': ACCOUNT },
              StringLike: {
                'aws:SourceArn': {
                  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:verifiedpermissions::${ACCOUNT}:policy-store/*`]],
                },
              },
            },
          }),
        ]),
      },
    });
    const given = kms.Key.fromKeyArn(testStack(), 'Given', `arn:aws:kms:us-east-1:${ACCOUNT}:key/mrk-1`);
    expect(() => storeOf(testStack(), { encryptionKey: given })).not.toThrow();
  });

  test('answers whom it is opened to, and the key follows by that way only', () => {
    const template = templateOf((stack) => void encrypted(stack).grantIsAuthorized(role(stack)));
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: ['verifiedpermissions:IsAuthorized', 'verifiedpermissions:IsAuthorizedWithToken'],
            Resource: {
              'Fn::Join': [
                '',
                [
                  'arn:',
                  { Ref: 'AWS::Partition' },
                  `:verifiedpermissions::${ACCOUNT}:policy-store/`,
                  { 'Fn::GetAtt': [Match.stringLikeRegexp('^PermissionsStore'), 'PolicyStoreId'] },
                ],
              ],
            },
          }),
          Match.objectLike({
            Action: 'kms:Decrypt',
            Condition: {
              StringEquals: {
                'kms:ViaService': { 'Fn::Join': ['', ['verifiedpermissions.us-east-1.', { Ref: 'AWS::URLSuffix' }]] },
              },
            },
          }),
        ],
      },
    });
  });

  test('answers from another Region, in its own', () => {
    const template = templateOf((stack) => {
      const store = PermissionStore.fromPermissionStoreAttributes(stack, 'Theirs', {
        policyStoreId: 'PS1',
        region: 'eu-central-1',
      });
      store.grantIsAuthorized(role(stack));
      expect(store.policyStoreId).toBe('PS1');
    });
    template.resourceCountIs(STORE, 0);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Effect: 'Allow' })] },
    });
  });

  test('speaks of what a schema of one’s own declares', () => {
    const template = templateOf((stack) => void storeOf(stack, { model: PermissionModel.schema(JSON.stringify(SCHEMA)) }));
    template.hasResourceProperties('AWS::VerifiedPermissions::IdentitySource', { PrincipalEntityType: 'Shop::User' });
    expect(JSON.stringify(template.findResources('AWS::VerifiedPermissions::Policy'))).toContain('Shop::Action::\\"refund');
  });

  test('keeps its id when groups, permissions and schema change', () => {
    const other = [{ name: 'admin', permits: ['refund'] }, { name: 'staff', permits: ['read', 'write'] }, { name: 'guests' }];
    expect(
      losses(
        (stack) => void storeOf(stack),
        (stack) => void storeOf(stack, { groups: other }),
      ),
    ).toEqual([]);
    const model = PermissionModel.schema(JSON.stringify(SCHEMA));
    expect(
      losses(
        (stack) => void storeOf(stack),
        (stack) => void storeOf(stack, { model }),
      ),
    ).toEqual([]);
  });

  test('does not depend on feature flags, works without an environment, and breaks no policy', () => {
    expect(flagDependent((stack) => void encrypted(stack), STORE)).toEqual([]);
    const stack = agnosticStack();
    encrypted(stack);
    expect(everyPack(stack.node.findChild('Permissions'))).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('refuses to permit nothing, and what no policy can say', () => {
    const permits =
      (...actions: string[]) =>
      () =>
        storeOf(testStack(), { groups: [{ name: 'admin', permits: actions }] });
    expect(permits()).toThrow(
      "permissions by groups need a group that permits something, got none: write it as in { name: 'admin', permits: ['refund'] }",
    );
    expect(permits('a"]; permit(principal, action, resource); //')).toThrow(
      `groups: permits of 'admin' must be letters, digits, spaces and signs of ._:/-, got 'a"]; permit(principal, action, resource); //': write it as in refund-order`,
    );
    expect(permits('read', 'read')).toThrow("groups: permits of 'admin' names an action twice: name every action once");
    expect(() =>
      storeOf(testStack(), { groups: [{ name: 'a', permits: ['fly'] }], model: PermissionModel.schema(JSON.stringify(SCHEMA)) }),
    ).toThrow("groups: permits names 'fly', which the schema does not declare: add the action to its actions");
  });

  test.each([
    ['nonsense', 'none'],
    ['{}', 'none'],
    ['{"A":{},"B":{}}', 'A, B'],
    ['{"a b":{}}', 'a b'],
  ])('refuses the schema %s', (schema, got) => {
    expect(() => PermissionModel.schema(schema)).toThrow(
      `schema must be the JSON of a Cedar schema with one namespace, got ${got}: write it as in {"Shop":{"entityTypes":{},"actions":{}}}`,
    );
  });

  test('refuses a schema without users or groups', () => {
    expect(() => PermissionModel.schema('{"Shop":{"entityTypes":{"User":{}}}}')).toThrow(
      "schema must declare the entity type Group in 'Shop': the identities of the user pool become such",
    );
  });
});
