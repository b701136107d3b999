import { Duration, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { ServiceAccess } from '../../../lib/blocks/identity/service-access';
import { SignInAlarms } from '../../../lib/blocks/identity/sign-in-alarms';
import { TokenCheck } from '../../../lib/blocks/identity/token-check';
import { TokenLifetimes } from '../../../lib/blocks/identity/token-lifetimes';
import { UserDirectory, type UserDirectoryProps } from '../../../lib/blocks/identity/user-directory';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const POOL = 'AWS::Cognito::UserPool';
const CLIENT = 'AWS::Cognito::UserPoolClient';

const users =
  (props: UserDirectoryProps = {}) =>
  (stack: Stack) =>
    void new UserDirectory(stack, 'Users', props);

const everything: UserDirectoryProps = {
  callbackUrls: ['https://shop.example/in'],
  groups: [{ name: 'admin', description: 'May do everything', precedence: 0 }, { name: 'staff' }],
  tokenLifetimes: TokenLifetimes.of(Duration.minutes(15), Duration.days(7)),
  passkeyDomain: 'auth.shop.example',
  threatProtection: true,
  serviceClients: [
    { name: 'partner', scopes: ['orders.read', 'orders.write'] },
    { name: 'courier', scopes: ['orders.read'] },
  ],
};

/** What the service never changes in a pool, and what a template says of it today. */
const FOR_LIFE = [
  'UsernameAttributes',
  'AliasAttributes',
  'UsernameConfiguration',
  'Schema',
  'IssuerConfiguration',
  'KeyConfiguration',
];

describe('a user directory with options', () => {
  test('keeps its groups and who is in them', () => {
    const template = templateOf(users(everything));
    template.resourceCountIs('AWS::Cognito::UserPoolGroup', 2);
    template.hasResource('AWS::Cognito::UserPoolGroup', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { GroupName: 'admin', Description: 'May do everything', Precedence: 0 },
    });
  });

  test('says how long tokens are good, an hour and 30 days where nobody does', () => {
    templateOf(users()).hasResourceProperties(CLIENT, {
      AccessTokenValidity: 60,
      IdTokenValidity: 60,
      RefreshTokenValidity: 30 * 24 * 60,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
      EnableTokenRevocation: true,
      PreventUserExistenceErrors: 'ENABLED',
    });
    templateOf(users(everything)).hasResourceProperties(CLIENT, {
      GenerateSecret: false,
      AccessTokenValidity: 15,
      RefreshTokenValidity: 7 * 24 * 60,
    });
  });

  test('takes a passkey instead of a password, opened by its owner', () => {
    const template = templateOf(users(everything));
    template.hasResourceProperties(POOL, {
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] } },
      WebAuthnRelyingPartyID: 'auth.shop.example',
      WebAuthnUserVerification: 'required',
      WebAuthnFactorConfiguration: 'MULTI_FACTOR_WITH_USER_VERIFICATION',
    });
    template.hasResourceProperties(CLIENT, {
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    });
    templateOf(users()).hasResourceProperties(POOL, { WebAuthnRelyingPartyID: Match.absent() });
  });

  test('refuses leaked passwords and asks risky sign-ins for more, in the Plus plan', () => {
    const template = templateOf(users(everything));
    template.hasResourceProperties(POOL, { UserPoolTier: 'PLUS', UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' } });
    template.hasResourceProperties('AWS::Cognito::UserPoolRiskConfigurationAttachment', {
      ClientId: 'ALL',
      CompromisedCredentialsRiskConfiguration: { Actions: { EventAction: 'BLOCK' } },
      AccountTakeoverRiskConfiguration: {
        Actions: Match.objectLike({ HighAction: { EventAction: 'MFA_REQUIRED', Notify: false } }),
      },
    });
    templateOf(users()).hasResourceProperties(POOL, { UserPoolTier: 'ESSENTIALS', UserPoolAddOns: Match.absent() });
  });

  test('lets services in with a secret and scopes, and people not through them', () => {
    const template = templateOf(users(everything));
    template.hasResourceProperties('AWS::Cognito::UserPoolResourceServer', {
      Identifier: 'api',
      Scopes: [Match.objectLike({ ScopeName: 'orders.read' }), Match.objectLike({ ScopeName: 'orders.write' })],
    });
    template.hasResource(CLIENT, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ClientName: 'courier',
        GenerateSecret: true,
        AllowedOAuthFlows: ['client_credentials'],
        AllowedOAuthScopes: ['api/orders.read'],
        ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      },
      DependsOn: [Match.stringLikeRegexp('ResourceServer')],
    });
  });

  test('stays the pool it was, whatever is switched on and off again', () => {
    const stateless = /RiskConfigurationAttachment|ResourceServer/;
    expect(losses(users(), users(everything))).toEqual([]);
    const off = losses(users(everything), users()).filter((loss) => !stateless.test(loss));
    // What holds state stays behind, and the guard refuses to leave it there.
    expect(off).toEqual([
      'AWS::Cognito::UserPoolClient WILL_ORPHAN',
      'AWS::Cognito::UserPoolClient WILL_ORPHAN',
      'AWS::Cognito::UserPoolGroup WILL_ORPHAN',
      'AWS::Cognito::UserPoolGroup WILL_ORPHAN',
    ]);
    const { groups, serviceClients, ...inPlace } = everything;
    expect(losses(users(inPlace), users()).filter((loss) => !stateless.test(loss))).toEqual([]);
    const pool = (props?: UserDirectoryProps) => Object.values(templateOf(users(props)).findResources(POOL))[0].Properties;
    for (const property of FOR_LIFE) expect(pool(everything)[property]).toEqual(pool()[property]);
  });

  test('does not depend on feature flags, works without an environment, and breaks no policy', () => {
    expect(flagDependent(users(everything), POOL, CLIENT, 'AWS::Cognito::UserPoolGroup')).toEqual([]);
    const stack = agnosticStack();
    users(everything)(stack);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('stands behind a firewall that it is given', () => {
    const template = templateOf((stack) => {
      new UserDirectory(stack, 'Users').protectWith('arn:aws:wafv2:us-east-1:123456789012:regional/webacl/pool/1');
    });
    template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^UsersPool'), 'Arn'] },
      WebACLArn: 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/pool/1',
    });
  });

  test('tells how sign-in goes', () => {
    const made = new UserDirectory(testStack(), 'Users');
    const named = (metric: { metricName: string; namespace: string; dimensions?: object }) => [
      metric.namespace,
      metric.metricName,
      ...Object.keys(metric.dimensions ?? {}),
    ];
    const pool = ['UserPool', 'UserPoolClient'];
    const risk = ['Operation', 'UserPoolId', 'RiskLevel'];
    expect(named(made.metricSignInSuccesses())).toEqual(['AWS/Cognito', 'SignInSuccesses', ...pool]);
    expect(named(made.metricSignUpSuccesses())).toEqual(['AWS/Cognito', 'SignUpSuccesses', ...pool]);
    expect(named(made.metricSignInThrottles())).toEqual(['AWS/Cognito', 'SignInThrottles', ...pool]);
    expect(named(made.metricSignUpThrottles())).toEqual(['AWS/Cognito', 'SignUpThrottles', ...pool]);
    expect(named(made.metricTokenRefreshThrottles())).toEqual(['AWS/Cognito', 'TokenRefreshThrottles', ...pool]);
    expect(named(made.metricCompromisedCredentials())).toEqual(['AWS/Cognito', 'CompromisedCredentialRisk', ...risk]);
    expect(named(made.metricAccountTakeoverRisk())).toEqual(['AWS/Cognito', 'AccountTakeoverRisk', ...risk]);
  });

  test('tells people when others cannot sign in, and with threat protection when leaked passwords are tried', () => {
    const alarms = (threats?: boolean) => (stack: Stack) => {
      const topic = new AlarmTopic(stack, 'Alarms');
      new SignInAlarms(stack, 'SignInAlarms', { users: new UserDirectory(stack, 'Users'), alarmTopic: topic, threats });
    };
    const template = templateOf(alarms());
    template.resourceCountIs('AWS::CloudWatch::Alarm', 1);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'SignInThrottles',
      Threshold: 1,
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^Alarms') }],
    });
    templateOf(alarms(true)).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'CompromisedCredentialRisk',
      Threshold: 10,
    });
  });
});

describe('bad input', () => {
  const make = (props: UserDirectoryProps) => () => users(props)(testStack());

  test.each(['', 'order desk', 'a"b', 'ä', 'a'.repeat(129)])("refuses the group '%s'", (name) => {
    expect(make({ groups: [{ name }] })).toThrow(
      `groups: name must be 1 to 128 letters, digits, dots, dashes and underscores, got '${name}': write it as in order-desk`,
    );
  });

  test('refuses groups that stand twice, too many of them, and ranks that are none', () => {
    expect(make({ groups: [{ name: 'a' }, { name: 'a' }] })).toThrow("groups: 'a' stands twice, name every group once");
    for (const precedence of [-1, 1.5, 2 ** 31]) {
      expect(make({ groups: [{ name: 'a', precedence }] })).toThrow(
        `groups: precedence of 'a' must be a whole number from 0 to 2147483647, got ${precedence}: 0 goes first`,
      );
    }
    const groups = Array.from({ length: 10_001 }, (_, index) => ({ name: `g${index}` }));
    expect(make({ groups })).toThrow('groups must be at most 10000, got 10001: a user pool takes no more');
  });

  test('refuses service clients out of range', () => {
    const clients = (...serviceClients: NonNullable<UserDirectoryProps['serviceClients']>) => make({ serviceClients });
    expect(clients({ name: 'a b', scopes: ['x'] })).toThrow(
      "serviceClients: name must be 1 to 64 letters, digits, dashes and underscores, got 'a b': write it as in partner-shop",
    );
    expect(clients({ name: 'a', scopes: ['x'] }, { name: 'a', scopes: ['x'] })).toThrow(
      "serviceClients: 'a' stands twice, name every client once",
    );
    expect(clients({ name: 'a', scopes: [] })).toThrow(
      "serviceClients: scopes of 'a' must be 1 to 50, got 0: say what it may do, as in orders.read",
    );
    expect(clients({ name: 'a', scopes: ['orders/read'] })).toThrow(
      "serviceClients: scope of 'a' must be ASCII without space, quote, slash or backslash, got 'orders/read': write it as in orders.read",
    );
    const many = (name: string, from: number) => ({ name, scopes: Array.from({ length: 50 }, (_, index) => `s${from + index}`) });
    expect(clients(many('a', 0), many('b', 50), many('c', 100))).toThrow(
      'serviceClients: scopes must be at most 100 together, got 150: make them coarser',
    );
    const stack = testStack();
    const { userPool } = new UserDirectory(stack, 'Users');
    expect(() => new ServiceAccess(stack, 'Access', { userPool, clients: [] })).toThrow(
      'serviceClients must hold at least one client, got none: leave it out',
    );
  });

  test('refuses lifetimes out of range', () => {
    const { minutes, hours, days, seconds } = Duration;
    for (const access of [minutes(4), days(2), seconds(330)]) {
      expect(() => TokenLifetimes.of(access, days(30))).toThrow(
        `access must be 5 minutes to 1 day in whole minutes, got ${access.toHumanString()}: an hour is usual`,
      );
    }
    for (const refresh of [minutes(59), days(3651), hours(2)]) {
      expect(() => TokenLifetimes.of(hours(2), refresh)).toThrow(
        `refresh must be 1 hour to 10 years in whole minutes and longer than access, got ${refresh.toHumanString()}: 30 days is usual`,
      );
    }
  });

  test('refuses paths that a load balancer cannot guard', () => {
    expect(() => TokenCheck.atLoadBalancer()).toThrow('paths must name at least one path, got none: take TokenCheck.inService()');
    for (const path of ['account', '/a b', '/ä', `/${'a'.repeat(128)}`]) {
      expect(() => TokenCheck.atLoadBalancer(path)).toThrow(
        `paths must start with a slash and be at most 128 letters, digits and signs of _-.$/~"'@:+&*?, got '${path}': write it as in /account/*`,
      );
    }
    expect(() => TokenCheck.atLoadBalancer('/a', '/a')).toThrow("paths: '/a' stands twice, name every path once");
  });
});
