import { Aws, Fn, Names, Stack } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct, type IDependable } from 'constructs';
import { SignInPages } from './sign-in-pages';
import type { UserDirectory } from './user-directory';

/** Properties of a HostedSignIn. */
export interface HostedSignInProps {
  /** Whose users sign in; with callback addresses. */
  readonly users: UserDirectory;
  /**
   * Where they do.
   * @default SignInPages.generated()
   */
  readonly pages?: SignInPages;
  /**
   * Name of the site; needed for pages below it.
   * @default - none
   */
  readonly siteName?: string;
}

/** The pages' address below the name of the site. */
export interface OwnAddress {
  /** Public hosted zone of the name. */
  readonly hostedZone: route53.IHostedZone;
  /** Certificate in us-east-1 for the whole name. */
  readonly certificate: acm.ICertificate;
  /** Record of the name above: it has to be there first (Amazon Cognito developer guide, using your own domain). */
  readonly parentRecord: IDependable;
}

/**
 * The pages on which people sign in, register and ask for a new password, hosted by Amazon Cognito (managed login).
 *
 * An address holds no state and has no second chance: what stands on it is in links and in applications that people have installed.
 * It is create-only, and who gives one back may not get it again. A pool can have one address of Amazon Cognito's and one of its own
 * at a time, so the first stays where the second is added.
 *
 * @throws if the pages exist nowhere, or stand below a name that is not given
 */
export class HostedSignIn extends Construct {
  /** Address of the pages and of the OAuth 2.0 endpoints, without a slash at the end. */
  public readonly url: string;
  /** Full name of the pages' address below the site's. */
  public readonly ownDomainName?: string;
  /** The address of Amazon Cognito's. */
  public readonly domain: cognito.CfnUserPoolDomain;
  /** How the pages look: as Amazon Cognito has them, until somebody changes that. */
  public readonly branding: cognito.CfnManagedLoginBranding;
  /** The address below the site's name, after `standBelowSite`. */
  public ownDomain?: cognito.CfnUserPoolDomain;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: HostedSignInProps,
  ) {
    super(scope, id);
    const { users, siteName, pages = SignInPages.generated() } = props;
    if (!pages.exist) throw new Error('pages must not be none() for a HostedSignIn: leave it out');
    if (pages.label !== undefined && siteName === undefined) {
      throw new Error(`pages below '${pages.label}' need the name of the site: give siteName, or take SignInPages.generated()`);
    }
    const { userPoolId } = users.userPool;
    const prefix = pages.ownPrefix ?? this.generatedPrefix();
    const managedLoginVersion = cognito.ManagedLoginVersion.NEWER_MANAGED_LOGIN;
    this.domain = new cognito.CfnUserPoolDomain(this, 'Domain', { userPoolId, domain: prefix, managedLoginVersion });
    // Without one the pages of a client answer with an error (Amazon Cognito developer guide, managed login branding).
    this.branding = new cognito.CfnManagedLoginBranding(this, 'Branding', {
      userPoolId,
      clientId: users.client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    this.ownDomainName = pages.label === undefined ? undefined : `${pages.label}.${siteName}`;
    this.url = `https://${this.ownDomainName ?? `${prefix}.auth.${Stack.of(this).region}.amazoncognito.com`}`;
  }

  /**
   * Gives the pages their address below the site's name.
   * @throws if the pages stand elsewhere, or it is called twice
   */
  public standBelowSite({ hostedZone, certificate, parentRecord }: OwnAddress): cognito.CfnUserPoolDomain {
    if (this.ownDomainName === undefined)
      throw new Error('standBelowSite needs SignInPages.below(...): the pages stand elsewhere');
    if (this.ownDomain) throw new Error('standBelowSite was called before: call it once');
    const ownDomain = new cognito.CfnUserPoolDomain(this, 'OwnDomain', {
      userPoolId: this.props.users.userPool.userPoolId,
      domain: this.ownDomainName,
      customDomainConfig: { certificateArn: certificate.certificateArn },
      managedLoginVersion: cognito.ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    ownDomain.node.addDependency(parentRecord);
    new route53.ARecord(this, 'Record', {
      zone: hostedZone,
      recordName: `${this.ownDomainName}.`,
      // Spelled out: whether CDK's own target asks a Lambda function for this name depends on a feature flag.
      target: route53.RecordTarget.fromAlias({
        bind: () => ({
          dnsName: ownDomain.attrCloudFrontDistribution,
          hostedZoneId: targets.CloudFrontTarget.CLOUDFRONT_ZONE_ID,
        }),
      }),
    });
    this.ownDomain = ownDomain;
    return this.ownDomain;
  }

  /**
   * The first part of the stack's id stands for account, Region and stack, tells nobody the number of the account, and is the same
   * whether the stack knows its environment or not.
   */
  private generatedPrefix(): string {
    const path = Names.uniqueResourceName(this.props.users, { maxLength: 50, separator: '-' });
    // Amazon Cognito takes these words in no prefix; no such word has an x in it, so none can arise around it.
    const allowed = path
      .toLowerCase()
      .replace(/aws|amazon|cognito/g, 'x')
      .replace(/^-+|-+$/g, '');
    const uuid = Fn.select(2, Fn.split('/', Aws.STACK_ID));
    return `${allowed}-${Fn.select(0, Fn.split('-', uuid))}`;
  }
}
