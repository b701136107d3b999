import type { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { readAssembly } from '../../lib/assembly/cloud-assembly';
import { isStateful } from '../../lib/assembly/stateful-types';
import { ReleaseStrategy } from '../../lib/blocks/compute/release-strategy';
import { PermissionModel } from '../../lib/blocks/identity/permission-model';
import { SignInPages } from '../../lib/blocks/identity/sign-in-pages';
import { TokenCheck } from '../../lib/blocks/identity/token-check';
import { comparePromotion } from '../../lib/promotion/compare';
import { ServerOption } from '../../lib/stages/server-option';
import type { SignIn } from '../../lib/stages/sign-in';
import { planClimb, problemsOf } from '../promotion/ladder';
import { testStack } from '../stacks';
import { type AnyStageProps, addStage, synthStage, testProps } from '../synth-stages';
import { containerVariables, RETAINED, RETAINED_WITH_NAME, synthesized } from './synthesized';

const server = ServerOption.never('starts with several services');

const everything: SignIn = {
  pages: SignInPages.below('auth'),
  passkeys: true,
  threatProtection: true,
  groups: [{ name: 'admin', precedence: 0, permits: ['refund'] }, { name: 'staff' }],
  serviceClients: [{ name: 'partner', scopes: ['orders.read'] }],
  permissions: PermissionModel.byGroups(),
  tokenCheck: TokenCheck.atLoadBalancer('/account/*', '/orders/*'),
};
const all: Partial<AnyStageProps> = { server, signIn: everything, releases: ReleaseStrategy.inOneGroup() };

const POOL = 'AWS::Cognito::UserPool';
const DOMAIN = 'AWS::Cognito::UserPoolDomain';

describe('sign-in as it comes', () => {
  const { primary: template, assembly } = synthesized(3, { server });

  test('has pages on a generated address, and sends people back to the site', () => {
    template.resourceCountIs(DOMAIN, 1);
    template.hasResourceProperties(DOMAIN, { ManagedLoginVersion: 2, CustomDomainConfig: Match.absent() });
    template.hasResourceProperties('AWS::Cognito::ManagedLoginBranding', { UseCognitoProvidedValues: true });
    template.hasResource('AWS::Cognito::UserPoolClient', {
      ...RETAINED,
      Properties: {
        AllowedOAuthFlows: ['code'],
        CallbackURLs: ['https://shop.example.com/auth/callback'],
        LogoutURLs: ['https://shop.example.com/'],
        GenerateSecret: false,
        PreventUserExistenceErrors: 'ENABLED',
        EnableTokenRevocation: true,
      },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'SignInThrottles', AlarmActions: [Match.anyValue()] });
  });

  test('tells every container where tokens come from, and where people sign in', () => {
    const variables = containerVariables({ assembly, primary: template, byName: {} });
    for (const names of Object.values(variables)) {
      expect(names).toEqual(expect.arrayContaining(['USER_POOL_ISSUER', 'SIGN_IN_URL', 'PERMISSION_STORE_ID']));
    }
    template.allResourcesProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Environment: Match.arrayWith([
            {
              Name: 'USER_POOL_ISSUER',
              Value: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith(['https://issuer-cognito-idp.us-east-1.'])] }),
            },
            {
              Name: 'SIGN_IN_URL',
              Value: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('^https://')])] }),
            },
            { Name: 'PERMISSION_STORE_ID', Value: '' },
          ]),
        }),
      ],
    });
  });

  test('has no pages without a domain, and none where none are wished for', () => {
    for (const props of [
      { server, domain: undefined },
      { server, signIn: { pages: SignInPages.none() } },
    ]) {
      const { primary } = synthesized(3, props);
      primary.resourceCountIs(DOMAIN, 0);
      primary.hasResourceProperties('AWS::Cognito::UserPoolClient', { AllowedOAuthFlowsUserPoolClient: false });
    }
    const callbackUrls = ['myshop://in'];
    synthesized(3, { server, domain: undefined, signIn: { callbackUrls } }).primary.resourceCountIs(DOMAIN, 1);
  });
});

describe('sign-in with everything', () => {
  const { primary: template } = synthesized(3, all);

  test('stands below the site, once the site has an address', () => {
    template.hasResource(DOMAIN, {
      Properties: { Domain: 'auth.shop.example.com', CustomDomainConfig: { CertificateArn: Match.anyValue() } },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^ProductSiteAddressRecord')]),
    });
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'auth.shop.example.com.' });
    template.hasResourceProperties(POOL, { WebAuthnRelyingPartyID: 'auth.shop.example.com', UserPoolTier: 'PLUS' });
  });

  test('keeps groups, clients and policies', () => {
    template.hasResource('AWS::Cognito::UserPoolGroup', { ...RETAINED_WITH_NAME, Properties: { GroupName: 'staff' } });
    template.hasResource('AWS::Cognito::UserPoolClient', { ...RETAINED, Properties: { ClientName: 'partner' } });
    template.hasResource('AWS::VerifiedPermissions::PolicyStore', {
      ...RETAINED,
      Properties: {
        DeletionProtection: { Mode: 'ENABLED' },
        EncryptionSettings: { KmsEncryptionSettings: { Key: Match.anyValue() } },
      },
    });
  });

  test('asks for a token at the load balancer, before it forwards', () => {
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Conditions: Match.arrayWith([{ Field: 'path-pattern', PathPatternConfig: { Values: ['/account/*', '/orders/*'] } }]),
      Actions: [
        Match.objectLike({
          Type: 'jwt-validation',
          JwtValidationConfig: Match.objectLike({
            AdditionalClaims: [{ Format: 'single-string', Name: 'token_use', Values: ['access'] }],
          }),
        }),
        Match.objectLike({ Type: 'forward' }),
      ],
    });
  });

  test('lets every service of the core ask what people may do', () => {
    const roles = Object.values(template.findResources('AWS::IAM::Policy')).filter(({ Properties }) =>
      JSON.stringify(Properties).includes('verifiedpermissions:IsAuthorized'),
    );
    expect(roles).toHaveLength(4);
  });

  test('comes to further Regions with the pool of the first', () => {
    const { byName } = synthesized(4, { ...all, regions: [{ region: 'us-west-2' }] });
    const [, west] = Object.entries(byName).find(([name]) => name.endsWith('us-west-2'))!;
    west.resourceCountIs(POOL, 0);
    west.resourceCountIs('AWS::VerifiedPermissions::PolicyStore', 0);
    const taken = (name: string) => ({ Name: name, Value: { 'Fn::GetStackOutput': Match.objectLike({ StackName: 'Shop' }) } });
    west.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({ Environment: Match.arrayWith([taken('USER_POOL_ISSUER'), taken('PERMISSION_STORE_ID')]) }),
      ],
    });
    west.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Actions: Match.arrayWith([Match.objectLike({ Type: 'jwt-validation' })]),
    });
    west.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['verifiedpermissions:IsAuthorized']) })]),
      },
    });
  });
});

describe('the promise', () => {
  const stage = (signIn?: SignIn) => readAssembly(synthStage(3, { ...all, signIn }));
  const [off, on] = [stage(), stage(everything)];

  test('the pool gets every option in place', () => {
    expect(planClimb(off, on).faults).toEqual([]);
    const report = comparePromotion(off, on);
    expect(report.safe).toBe(true);
    expect(problemsOf(report)).toEqual([]);
  });

  test('what holds state does not go again: the guard refuses', () => {
    const report = comparePromotion(on, off);
    expect(report.safe).toBe(false);
    const types = report.changes.filter(({ stateful, verdict }) => stateful && verdict === 'orphaned').map(({ type }) => type);
    expect(types.sort()).toEqual([
      'AWS::Cognito::UserPoolClient',
      'AWS::Cognito::UserPoolGroup',
      'AWS::Cognito::UserPoolGroup',
      'AWS::VerifiedPermissions::PolicyStore',
    ]);
  });

  test('everything else goes and comes again', () => {
    const kept: SignIn = {
      groups: everything.groups,
      serviceClients: everything.serviceClients,
      permissions: everything.permissions,
    };
    const less = stage(kept);
    const report = comparePromotion(on, less);
    expect(problemsOf(report)).toEqual([]);
    expect(problemsOf(comparePromotion(less, on))).toEqual([]);
    const gone = report.changes.filter(({ verdict }) => verdict === 'destroyed').map(({ type }) => type);
    for (const type of gone) expect(isStateful(type, { Type: type })).toBe(false);
  });
});

describe('bad input', () => {
  const make = (signIn: SignIn, props: (stack: Stack) => Partial<AnyStageProps> = () => ({})) => {
    const stack = testStack();
    return () =>
      addStage(stack, 3, { ...testProps(stack, { server, releases: ReleaseStrategy.inOneGroup(), ...props(stack) }), signIn });
  };
  const noDomain = () => ({ domain: undefined });

  test('is refused in words', () => {
    expect(make({ pages: SignInPages.generated() }, noDomain)).toThrow(
      'signIn: pages need callbackUrls where the product has no domain: say where people come back to',
    );
    expect(make({ pages: SignInPages.none(), callbackUrls: ['https://a.example'] })).toThrow(
      'signIn: callbackUrls and logoutUrls belong to pages, which are none(): leave them out',
    );
    expect(make({ pages: SignInPages.below('auth'), callbackUrls: ['https://a.example'] }, noDomain)).toThrow(
      "signIn: pages below 'auth' need a domain, got none: give the product one",
    );
    expect(make({ passkeys: true })).toThrow(
      'signIn: passkeys need pages below the name of the site, which they stay bound to: give pages SignInPages.below(...)',
    );
    expect(make({ tokenCheck: TokenCheck.atLoadBalancer('/a') }, noDomain)).toThrow(
      'signIn: tokenCheck at the load balancer needs a domain: without one its listener speaks no HTTPS',
    );
    expect(make({ tokenCheck: TokenCheck.atLoadBalancer('/a') }, () => ({ releases: undefined }))).toThrow(
      'signIn: tokenCheck at the load balancer needs releases: ReleaseStrategy.inOneGroup(), since Amazon ECS shifts no traffic by rules that do more than forward: give it, or let the services check',
    );
    expect(make({ tokenCheck: TokenCheck.atLoadBalancer('/api/orders') })).toThrow(
      "paths: '/api/orders' meets '/api/*' of route 'api', whose rule is asked first and checks no token: let that service check, and leave the path out",
    );
    expect(make({ tokenCheck: TokenCheck.atLoadBalancer('/auth/me') })).toThrow(
      /^paths: '\/auth\/me' meets '\/auth\/\*' of route 'Auth/,
    );
    expect(make({ groups: [{ name: 'admin', permits: ['refund'] }] })).toThrow(
      "signIn: permits of group 'admin' needs permissions: give PermissionModel.byGroups(), or leave permits out",
    );
    expect(make({ callbackUrls: ['shop'] })).toThrow(/^callbackUrls must be absolute addresses/);
  });
});
