import { Fn, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { UserDirectory, type UserDirectoryProps } from '../../../lib/blocks/identity/user-directory';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const users =
  (props: UserDirectoryProps = {}) =>
  (stack: Stack) =>
    new UserDirectory(stack, 'Users', props);

function poolOf(build: (stack: Stack) => unknown): Record<string, unknown> {
  return Object.values(templateOf((stack) => void build(stack)).findResources('AWS::Cognito::UserPool'))[0].Properties;
}

describe('a user directory', () => {
  test('is born with what the service never changes', () => {
    const template = templateOf(users());
    template.hasResource('AWS::Cognito::UserPool', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        UsernameAttributes: ['email'],
        AliasAttributes: Match.absent(),
        UsernameConfiguration: { CaseSensitive: false },
        Schema: Match.absent(),
        UserPoolTier: 'ESSENTIALS',
        DeletionProtection: 'ACTIVE',
        IssuerConfiguration: { Type: 'UPDATED' },
        KeyConfiguration: Match.absent(),
      },
    });
  });

  test('asks for long passwords, offers an authenticator app and recovers by mail', () => {
    templateOf(users()).hasResourceProperties('AWS::Cognito::UserPool', {
      Policies: {
        PasswordPolicy: {
          MinimumLength: 12,
          RequireLowercase: true,
          RequireUppercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
        },
      },
      MfaConfiguration: 'OPTIONAL',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      AutoVerifiedAttributes: ['email'],
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
    });
    templateOf(users({ selfSignUp: false })).hasResourceProperties('AWS::Cognito::UserPool', {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
  });

  test('is encrypted with a multi-Region key if it gets one', () => {
    templateOf((stack) => users({ encryptionKey: new DataKey(stack, 'DataKey').key })(stack)).hasResourceProperties(
      'AWS::Cognito::UserPool',
      {
        KeyConfiguration: {
          KeyType: 'CUSTOMER_MANAGED_KEY',
          KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataKey'), 'Arn'] },
        },
      },
    );
  });

  test('has a client without a secret, which stays, and shows no sign-in page unless asked', () => {
    templateOf(users()).hasResource('AWS::Cognito::UserPoolClient', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        GenerateSecret: false,
        AllowedOAuthFlowsUserPoolClient: false,
        AllowedOAuthFlows: Match.absent(),
        CallbackURLs: Match.absent(),
        ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      },
    });
    templateOf(
      users({ callbackUrls: ['https://shop.example/in'], logoutUrls: ['https://shop.example/out'] }),
    ).hasResourceProperties('AWS::Cognito::UserPoolClient', {
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
      CallbackURLs: ['https://shop.example/in'],
      LogoutURLs: ['https://shop.example/out'],
    });
  });

  test('takes everything else in place, and leaves what the service refuses to change as it was', () => {
    const changed = (stack: Stack) =>
      users({
        encryptionKey: new DataKey(stack, 'DataKey').key,
        selfSignUp: false,
        callbackUrls: ['https://shop.example/in'],
        email: cognito.UserPoolEmail.withSES({ fromEmail: 'shop@shop.example', sesRegion: 'us-east-1' }),
      })(stack);
    expect(losses(users(), changed)).toEqual([]);
    // A template diff does not know these: aws-amplify/amplify-cli#4227.
    const { UsernameAttributes, UsernameConfiguration, Schema, IssuerConfiguration } = poolOf(users());
    expect(poolOf(changed)).toMatchObject({ UsernameAttributes, UsernameConfiguration, IssuerConfiguration });
    expect(poolOf(changed).Schema).toBe(Schema);
  });

  test('is not changed by feature flags', () => {
    expect(flagDependent(users(), 'AWS::Cognito::UserPool', 'AWS::Cognito::UserPoolClient')).toEqual([]);
  });

  test('tells the issuer of its tokens', () => {
    const stack = testStack();
    expect(JSON.stringify(stack.resolve(users()(stack).issuerUrl))).toContain('https://issuer-cognito-idp.us-east-1.');
  });

  test('refuses a key of one Region, and takes one it cannot know', () => {
    const stack = testStack();
    expect(() => users({ encryptionKey: new kms.Key(stack, 'Said', { multiRegion: false }) })(stack)).toThrow(
      'encryptionKey must be a multi-Region key, got: Shop/Said; make it one, or leave it out',
    );
    expect(() => new UserDirectory(stack, 'Users1', { encryptionKey: new kms.Key(stack, 'Single') })).toThrow(
      'encryptionKey must be a multi-Region key, got: Shop/Single; make it one, or leave it out',
    );
    const arn = 'arn:aws:kms:us-east-1:123456789012:key/mrk-1234';
    expect(() => new UserDirectory(stack, 'Users2', { encryptionKey: kms.Key.fromKeyArn(stack, 'Imported', arn) })).not.toThrow();
  });

  test.each([
    [
      'shop.example/in',
      "callbackUrls must be absolute addresses with https://, or http://localhost for development, got: 'shop.example/in'",
    ],
    ['', "callbackUrls must be absolute addresses with https://, or http://localhost for development, got: ''"],
    [
      'http://localhost.evil.example',
      "callbackUrls must be absolute addresses with https://, or http://localhost for development, got: 'http://localhost.evil.example'",
    ],
  ])("refuses to send people back to '%s'", (url, message) => {
    expect(() => users({ callbackUrls: [url] })(testStack())).toThrow(message);
  });

  test('sends people back to a computer under development, an application, or an address known later', () => {
    const callbackUrls = ['http://localhost:3000/in', 'http://localhost', 'myshop://in', Fn.importValue('Url')];
    expect(() => users({ callbackUrls })(testStack())).not.toThrow();
    expect(() => users({ logoutUrls: ['out'] })(testStack())).toThrow(/^logoutUrls must/);
  });

  test('works in a stack without an environment, and breaks no policy', () => {
    const stack = agnosticStack();
    users({ callbackUrls: ['https://shop.example/in'] })(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});
