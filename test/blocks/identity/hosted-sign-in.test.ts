import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { SiteAddress } from '../../../lib/blocks/edge/site-address';
import { HostedSignIn } from '../../../lib/blocks/identity/hosted-sign-in';
import { SignInPages } from '../../../lib/blocks/identity/sign-in-pages';
import { UserDirectory } from '../../../lib/blocks/identity/user-directory';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { testDomain } from '../../synth-stages';
import { flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const DOMAIN = 'AWS::Cognito::UserPoolDomain';
const callbackUrls = ['https://shop.example.com/auth/callback'];

function certificate(stack: Stack): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(stack, 'Certificate', `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/1`);
}

function pagesOf(stack: Stack, pages?: SignInPages): HostedSignIn {
  const users = new UserDirectory(stack, 'Users', { callbackUrls });
  return new HostedSignIn(stack, 'SignInPages', { users, pages, siteName: 'shop.example.com' });
}

/** Pages with an address below the site's, whose record the same stack makes. */
function below(stack: Stack): HostedSignIn {
  const hosted = pagesOf(stack, SignInPages.below('auth'));
  const domain = testDomain(stack);
  const parentRecord = new SiteAddress(stack, 'SiteAddress', { domain, serverAddress: '192.0.2.1' });
  hosted.standBelowSite({ hostedZone: domain.hostedZone, certificate: certificate(stack), parentRecord });
  return hosted;
}

const none = (stack: Stack) => void new UserDirectory(stack, 'Users');
const withPages = (pages?: SignInPages) => (stack: Stack) => void pagesOf(stack, pages);

describe('hosted sign-in', () => {
  test('shows managed login with a look of its own for the client', () => {
    const template = templateOf(withPages());
    template.hasResourceProperties(DOMAIN, {
      ManagedLoginVersion: 2,
      UserPoolId: { Ref: Match.stringLikeRegexp('^UsersPool') },
      CustomDomainConfig: Match.absent(),
    });
    template.hasResourceProperties('AWS::Cognito::ManagedLoginBranding', {
      UserPoolId: { Ref: Match.stringLikeRegexp('^UsersPool') },
      ClientId: { Ref: Match.stringLikeRegexp('^UsersPoolClient') },
      UseCognitoProvidedValues: true,
    });
  });

  test('stands on a name that is the same with and without an environment, and tells no account', () => {
    const named = (stack: Stack) => {
      pagesOf(stack);
      return Object.values(Template.fromStack(stack).findResources(DOMAIN))[0].Properties.Domain;
    };
    const uuid = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
    expect(named(testStack())).toEqual({
      'Fn::Join': [
        '',
        [expect.stringMatching(/^[a-z0-9][a-z0-9-]{0,53}-$/), { 'Fn::Select': [0, { 'Fn::Split': ['-', uuid] }] }],
      ],
    });
    expect(JSON.stringify(named(testStack()))).not.toContain(ACCOUNT);
    const named2 = JSON.stringify(named(new Stack(new App(), 'Shop')));
    expect(named2).toBe(JSON.stringify(named(testStack())));
  });

  test('leaves words out of the name that Amazon Cognito refuses', () => {
    const stack = new Stack(new App(), 'AwsCognitoAmazonShop', { env: { account: ACCOUNT, region: 'us-east-1' } });
    pagesOf(stack);
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources(DOMAIN));
    expect(Properties.Domain['Fn::Join'][1][0]).not.toMatch(/aws|cognito|amazon/);
  });

  test('takes a name of one’s own', () => {
    templateOf(withPages(SignInPages.prefix('shop-login'))).hasResourceProperties(DOMAIN, { Domain: 'shop-login' });
    expect(pagesOf(testStack(), SignInPages.prefix('shop-login')).url).toBe(
      'https://shop-login.auth.us-east-1.amazoncognito.com',
    );
  });

  test('stands below the site once the site has an address, and on the generated one still', () => {
    const template = templateOf((stack) => void below(stack));
    template.resourceCountIs(DOMAIN, 2);
    template.hasResource(DOMAIN, {
      Properties: {
        Domain: 'auth.shop.example.com',
        ManagedLoginVersion: 2,
        CustomDomainConfig: { CertificateArn: `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/1` },
      },
      // Amazon Cognito refuses a domain whose parent has no address.
      DependsOn: [Match.stringLikeRegexp('^SiteAddressRecord')],
    });
    template.hasResourceProperties('AWS::Route53::RecordSet', {
      Name: 'auth.shop.example.com.',
      Type: 'A',
      AliasTarget: { DNSName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^SignInPagesOwnDomain'), 'CloudFrontDistribution'] } },
    });
    expect(below(testStack()).url).toBe('https://auth.shop.example.com');
  });

  test('loses nothing that holds state, on, off and on again, and keeps its first address when it gets a second', () => {
    const stateful = (before: (stack: Stack) => void, after: (stack: Stack) => void) =>
      losses(before, after).filter((loss) => !/Domain|Branding|RecordSet/.test(loss));
    expect(losses(none, withPages())).toEqual([]);
    expect(stateful(withPages(), none)).toEqual([]);
    expect(losses(withPages(), none)).toEqual([`AWS::Cognito::ManagedLoginBranding WILL_DESTROY`, `${DOMAIN} WILL_DESTROY`]);
    expect(losses(withPages(), (stack) => void below(stack))).toEqual([]);
    expect(losses((stack) => void below(stack), withPages())).toEqual([
      `${DOMAIN} WILL_DESTROY`,
      'AWS::Route53::RecordSet WILL_DESTROY',
      'AWS::Route53::RecordSet WILL_DESTROY',
    ]);
    expect(losses(withPages(), withPages(SignInPages.prefix('other')))).toEqual([`${DOMAIN} WILL_REPLACE`]);
  });

  test('does not depend on feature flags, works without an environment, and breaks no policy', () => {
    expect(flagDependent(withPages(), DOMAIN, 'AWS::Cognito::ManagedLoginBranding', 'AWS::Cognito::UserPoolClient')).toEqual([]);
    expect(() => pagesOf(agnosticStack())).not.toThrow();
    const stack = testStack();
    below(stack);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('refuses what does not go together', () => {
    const stack = testStack();
    const users = new UserDirectory(stack, 'Users', { callbackUrls });
    expect(() => new HostedSignIn(stack, 'A', { users, pages: SignInPages.none() })).toThrow(
      'pages must not be none() for a HostedSignIn: leave it out',
    );
    expect(() => new HostedSignIn(stack, 'B', { users, pages: SignInPages.below('auth') })).toThrow(
      "pages below 'auth' need the name of the site: give siteName, or take SignInPages.generated()",
    );
    const address = { hostedZone: zone(stack), certificate: certificate(stack), parentRecord: users };
    expect(() => new HostedSignIn(stack, 'C', { users }).standBelowSite(address)).toThrow(
      'standBelowSite needs SignInPages.below(...): the pages stand elsewhere',
    );
    const other = testStack();
    const twice = below(other);
    expect(() => twice.standBelowSite({ ...address })).toThrow('standBelowSite was called before: call it once');
  });

  test.each(['', 'Shop', '-shop', 'shop-', 'my-aws-shop', 'amazonas', 'cognitos', 'a'.repeat(64), 'shop.login'])(
    "refuses the prefix '%s'",
    (prefix) => {
      expect(() => SignInPages.prefix(prefix)).toThrow(
        `prefix must be 1 to 63 lower-case letters, digits and dashes, without aws, amazon or cognito in it, got '${prefix}': write it as in shop-login`,
      );
    },
  );

  test.each(['', 'Auth', 'a.b', 'origin', 'area-origin', '*'])("refuses the label '%s'", (label) => {
    expect(() => SignInPages.below(label)).toThrow(
      `label must be one part of a host name in lower case, and none of origin, area-origin, got '${label}': write it as in auth`,
    );
  });
});

function zone(stack: Stack): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(stack, 'OtherZone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
}
