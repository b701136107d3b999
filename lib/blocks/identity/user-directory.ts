import { Stack, Token } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { retain } from '../operations/retain';

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
}

/**
 * The product's users: an Amazon Cognito user pool whose unchangeable parts are chosen for every later stage.
 *
 * For ever: sign-in by e-mail address, upper and lower case the same, no required attributes beyond it. The service refuses to
 * change them, although a template diff shows an update (aws-amplify/amplify-cli#4227). No standard attributes are declared,
 * because any later update of a pool that declares them can fail (aws-amplify/amplify-backend#3299).
 *
 * Ready for one copy in a second Region (Amazon Cognito developer guide, multi-Region replication): Essentials plan, multi-Region
 * key, and the updated issuer from the first token on, since changing it later invalidates what every verifier checks. In the copy
 * people who use an authenticator app cannot sign in. Key and issuer are not verified against AWS.
 *
 * @throws if the key is known to be of one Region only, or an address is not one that Amazon Cognito takes
 */
export class UserDirectory extends Construct {
  public readonly userPool: cognito.UserPool;
  /** Client for web and mobile applications; has no secret, for they could not keep one. */
  public readonly client: cognito.UserPoolClient;
  /** Issuer (`iss`) of every token. */
  public readonly issuerUrl: string;

  constructor(scope: Construct, id: string, props: UserDirectoryProps = {}) {
    super(scope, id);
    const { callbackUrls = [], encryptionKey } = props;
    const logoutUrls = props.logoutUrls ?? callbackUrls;
    checkUrls('callbackUrls', callbackUrls);
    checkUrls('logoutUrls', logoutUrls);
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
      featurePlan: cognito.FeaturePlan.ESSENTIALS,
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
    acknowledge(
      this.userPool,
      {
        id: 'AwsSolutions::AwsSolutions-COG2',
        reason:
          'A second factor is offered to every customer and not forced on anyone: making it compulsory locks out those who have ' +
          'none. An application can demand it for sensitive steps, and the pool can in one in-place change.',
      },
      {
        id: 'AwsSolutions::AwsSolutions-COG8',
        reason:
          'The Plus plan costs 0.02 USD for each active user a month where Essentials costs 0.015, and Essentials is free for the ' +
          'first 10,000; threat protection is one in-place change away once the product needs it.',
      },
    );

    this.client = this.userPool.addClient('Client', {
      generateSecret: false,
      authFlows: { userSrp: true },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
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

    const { region, urlSuffix } = Stack.of(this);
    this.issuerUrl = `https://issuer-cognito-idp.${region}.${urlSuffix}/${this.userPool.userPoolId}`;
  }
}

function checkUrls(name: string, urls: string[]): void {
  for (const url of urls) {
    // Schemes of mobile applications, such as myapp://signed-in, are fine too.
    if (
      Token.isUnresolved(url) ||
      (/^[a-z][a-z0-9+.-]*:\/\/\S+$/.test(url) && !/^http:\/\/(?!localhost[:/]|localhost$)/.test(url))
    )
      continue;
    throw new Error(`${name} must be absolute addresses with https://, or http://localhost for development, got: '${url}'`);
  }
}
