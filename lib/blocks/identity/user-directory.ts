import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { retain } from '../operations/retain';
import { checkReturnAddresses } from './return-addresses';
import { ServiceAccess, type ServiceClient } from './service-access';
import { meetThreats } from './threat-response';
import { keysOf, updatedIssuerOf } from './token-issuer';
import { TokenLifetimes } from './token-lifetimes';
import { checkGroups, type UserGroup } from './user-group';
import { riskMetric, userPoolMetric } from './user-pool-metrics';

/** Properties of a UserDirectory. */
export interface UserDirectoryProps {
  /**
   * Multi-Region key for the users' data. A copy of the directory in a second Region needs one.
   * @default - a key that Amazon Cognito owns
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Whether people may register themselves.
   * @default true
   */
  readonly selfSignUp?: boolean;
  /**
   * Addresses that the sign-in page may send people back to, `https://` or for development `http://localhost`.
   * @default - none: no sign-in page, the application signs people in by itself
   */
  readonly callbackUrls?: string[];
  /**
   * Addresses that the sign-out page may send people back to.
   * @default - the callback addresses
   */
  readonly logoutUrls?: string[];
  /**
   * What sends the mail.
   * @default - Amazon Cognito, at most 50 mails a day: enough to try, not to launch (Amazon Cognito developer guide, email settings)
   */
  readonly email?: cognito.UserPoolEmail;
  /**
   * Roles that people may have, in the claim `cognito:groups` of their tokens. A group that leaves the list stays in the pool, with
   * who is in it; the guard refuses that, because it could not be declared again.
   * @default - none
   */
  readonly groups?: UserGroup[];
  /**
   * How long tokens are good.
   * @default TokenLifetimes.DEFAULT
   */
  readonly tokenLifetimes?: TokenLifetimes;
  /**
   * Domain that passkeys are bound to, where people may sign in with one instead of a password: the full name of the sign-in pages'
   * own domain, as managed login demands. A passkey answers to no other domain, so it is chosen once.
   * @default - no passkeys
   */
  readonly passkeyDomain?: string;
  /**
   * Whether sign-ins that look like somebody else's are met with a second factor or refused, and leaked passwords are refused where
   * Amazon Cognito sees them, which is on its pages, not in SRP. The Plus plan it takes costs 0.02 USD for each active user a month
   * instead of 0.015, and has no free users (Amazon Cognito pricing); in place, both ways.
   * @default false
   */
  readonly threatProtection?: boolean;
  /**
   * Services of others that call with tokens of their own.
   * @default - none
   */
  readonly serviceClients?: ServiceClient[];
}

/**
 * The product's users: an Amazon Cognito user pool whose unchangeable parts are chosen for every later stage.
 *
 * For ever: sign-in by e-mail address, upper and lower case the same, no required attributes beyond it. The service refuses to
 * change them, although a template diff shows an update (aws-amplify/amplify-cli#4227). No standard attributes are declared,
 * because any later update of a pool that declares them can fail (aws-amplify/amplify-backend#3299). Attributes of one's own can
 * be added at any time and never go.
 *
 * Ready for one copy in a second Region (Amazon Cognito developer guide, multi-Region replication): Essentials plan, multi-Region
 * key, and the updated issuer from the first token on, since changing it later invalidates what every verifier checks. In the copy
 * people who use an authenticator app cannot sign in. Key and issuer are not verified against AWS.
 *
 * The price of that issuer: a load balancer's `authenticate-cognito` and an API Gateway's Cognito authorizer do not take it (the same
 * guide, OIDC issuer). Whatever takes an issuer and the address of its keys does, `LoadBalancer.requireToken` for one.
 *
 * @throws if the key is known to be of one Region only, an address is not one that Amazon Cognito takes, or a group or a service
 * client is out of range
 */
export class UserDirectory extends Construct {
  public readonly userPool: cognito.UserPool;
  /** Client for web and mobile applications; has no secret, for they could not keep one. */
  public readonly client: cognito.UserPoolClient;
  /** Issuer (`iss`) of every token. */
  public readonly issuerUrl: string;
  /** Where the keys are that tokens are checked with. */
  public readonly jwksUrl: string;
  /** Names of the groups, in the order given. */
  public readonly groupNames: string[];
  /** What lets other services in; only with service clients. */
  public readonly serviceAccess?: ServiceAccess;

  constructor(scope: Construct, id: string, props: UserDirectoryProps = {}) {
    super(scope, id);
    const { callbackUrls = [], encryptionKey } = props;
    const logoutUrls = props.logoutUrls ?? callbackUrls;
    const { groups = [], passkeyDomain, threatProtection = false } = props;
    checkReturnAddresses('callbackUrls', callbackUrls);
    checkReturnAddresses('logoutUrls', logoutUrls);
    checkGroups(groups);
    const key = encryptionKey?.node.defaultChild;
    if (key instanceof kms.CfnKey && key.multiRegion !== true) {
      throw new Error(`encryptionKey must be a multi-Region key, got: ${encryptionKey?.node.path}; make it one, or leave it out`);
    }

    this.userPool = new cognito.UserPool(this, 'Pool', {
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      // Until the new address is verified the old one goes on working.
      keepOriginal: { email: true },
      selfSignUpEnabled: props.selfSignUp ?? true,
      featurePlan: threatProtection ? cognito.FeaturePlan.PLUS : cognito.FeaturePlan.ESSENTIALS,
      standardThreatProtectionMode: threatProtection ? cognito.StandardThreatProtectionMode.FULL_FUNCTION : undefined,
      ...(passkeyDomain !== undefined && {
        signInPolicy: { allowedFirstAuthFactors: { password: true, passkey: true } },
        passkeyRelyingPartyId: passkeyDomain,
        passkeyUserVerification: cognito.PasskeyUserVerification.REQUIRED,
      }),
      mfa: cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      email: props.email,
      deletionProtection: true,
    });
    retain(this.userPool);
    const resource = this.userPool.node.defaultChild as cognito.CfnUserPool;
    resource.issuerConfiguration = { type: 'UPDATED' };
    if (encryptionKey) {
      resource.keyConfiguration = { keyType: 'CUSTOMER_MANAGED_KEY', kmsKeyArn: encryptionKey.keyArn };
    }
    // A passkey that was opened by face, finger or PIN is two factors: without this, who has an authenticator app gets no passkey.
    if (passkeyDomain !== undefined) resource.webAuthnFactorConfiguration = 'MULTI_FACTOR_WITH_USER_VERIFICATION';
    acknowledge(this.userPool, {
      id: 'AwsSolutions::AwsSolutions-COG2',
      reason:
        'A second factor is offered to every customer and not forced on anyone: making it compulsory locks out those who have ' +
        'none. An application can demand it for sensitive steps, and the pool can in one in-place change.',
    });
    if (threatProtection) meetThreats(this, this.userPool);
    else {
      acknowledge(this.userPool, {
        id: 'AwsSolutions::AwsSolutions-COG8',
        reason:
          'The Plus plan costs 0.02 USD for each active user a month where Essentials costs 0.015, and Essentials is free for the ' +
          'first 10,000; threat protection is one in-place change away once the product needs it.',
      });
    }

    this.client = this.userPool.addClient('Client', {
      generateSecret: false,
      authFlows: { userSrp: true, user: passkeyDomain === undefined ? undefined : true },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      ...(props.tokenLifetimes ?? TokenLifetimes.DEFAULT)._ofClient,
      supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
      disableOAuth: callbackUrls.length === 0,
      oAuth:
        callbackUrls.length === 0
          ? undefined
          : {
              flows: { authorizationCodeGrant: true },
              scopes: [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
              callbackUrls,
              logoutUrls,
            },
    });
    // Its id is built into applications that are already installed.
    retain(this.client);

    this.groupNames = groups.map((group) => this.addGroup(group));
    this.serviceAccess =
      props.serviceClients && props.serviceClients.length > 0
        ? new ServiceAccess(this, 'ServiceAccess', { userPool: this.userPool, clients: props.serviceClients })
        : undefined;

    this.issuerUrl = updatedIssuerOf(this.userPool);
    this.jwksUrl = keysOf(this.issuerUrl);
  }

  /**
   * Puts a web ACL before sign-in, sign-up and the pages: a pool answers on an address of Amazon Cognito's, past the firewalls of the
   * site.
   * @param webAclArn ARN of a web ACL with scope REGIONAL, in the Region of the pool; a pool has at most one
   */
  public protectWith(webAclArn: string): void {
    new wafv2.CfnWebACLAssociation(this, 'Firewall', { resourceArn: this.userPool.userPoolArn, webAclArn });
  }

  /** Sign-ins that worked; as the average, the share of sign-ins that did. */
  public metricSignInSuccesses(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return userPoolMetric(this, 'SignInSuccesses', props);
  }

  /** Registrations that worked; as the average, the share of registrations that did. */
  public metricSignUpSuccesses(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return userPoolMetric(this, 'SignUpSuccesses', props);
  }

  /** Sign-ins refused because the account makes more than its quota allows. */
  public metricSignInThrottles(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return userPoolMetric(this, 'SignInThrottles', props);
  }

  /** Registrations refused because the account makes more than its quota allows. */
  public metricSignUpThrottles(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return userPoolMetric(this, 'SignUpThrottles', props);
  }

  /** Refreshed tokens refused because the account makes more than its quota allows. */
  public metricTokenRefreshThrottles(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return userPoolMetric(this, 'TokenRefreshThrottles', props);
  }

  /** Sign-ins with a password that is known to have leaked; only with threat protection. */
  public metricCompromisedCredentials(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return riskMetric(this, 'CompromisedCredentialRisk', props);
  }

  /** Sign-ins that most likely are not the user's; only with threat protection. */
  public metricAccountTakeoverRisk(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return riskMetric(this, 'AccountTakeoverRisk', props);
  }

  private addGroup({ name: groupName, description, precedence }: UserGroup): string {
    const userPoolId = this.userPool.userPoolId;
    retain(new cognito.CfnUserPoolGroup(this, `Group-${groupName}`, { userPoolId, groupName, description, precedence }));
    return groupName;
  }
}
