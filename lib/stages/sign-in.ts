import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct, IDependable } from 'constructs';
import type { AppContractProps } from '../blocks/compute/app-contract';
import type { Application } from '../blocks/compute/application';
import type { ContainerService } from '../blocks/compute/container-service';
import type { LoadBalancer } from '../blocks/compute/load-balancer';
import { API, entranceOf, type ProductService } from '../blocks/compute/product-service';
import type { ReleaseStrategy } from '../blocks/compute/release-strategy';
import { checkFree } from '../blocks/compute/token-gate';
import type { ProductDomain } from '../blocks/edge/product-domain';
import type { Site } from '../blocks/edge/site';
import { HostedSignIn } from '../blocks/identity/hosted-sign-in';
import type { PermissionModel } from '../blocks/identity/permission-model';
import { PermissionStore } from '../blocks/identity/permission-store';
import type { ServiceClient } from '../blocks/identity/service-access';
import { SignInAlarms } from '../blocks/identity/sign-in-alarms';
import type { SignInPages } from '../blocks/identity/sign-in-pages';
import { TokenCheck } from '../blocks/identity/token-check';
import { keysOf } from '../blocks/identity/token-issuer';
import type { TokenLifetimes } from '../blocks/identity/token-lifetimes';
import { UserDirectory } from '../blocks/identity/user-directory';
import type { UserGroup } from '../blocks/identity/user-group';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import { ChildId } from './child-ids';

/** How people and services sign in to a product. */
export interface SignIn {
  /**
   * Whether people may register themselves.
   * @default true
   */
  readonly selfSignUp?: boolean;
  /**
   * Where people sign in. Exchanging a prefix of one's own takes a deploy with `SignInPages.none()` between.
   * @default - generated where there are addresses to send people back to, else none
   */
  readonly pages?: SignInPages;
  /**
   * Addresses that the pages may send people back to, with a code that the application exchanges for tokens (PKCE).
   * @default - `/auth/callback` of the product's domain
   */
  readonly callbackUrls?: string[];
  /**
   * Addresses that people may be sent to after they signed out.
   * @default - the site of the product's domain, or the callback addresses
   */
  readonly logoutUrls?: string[];
  /** @default TokenLifetimes.DEFAULT */
  readonly tokenLifetimes?: TokenLifetimes;
  /**
   * Whether people may sign in with a passkey. Needs pages below the site's name, which passkeys stay bound to.
   * @default false
   */
  readonly passkeys?: boolean;
  /**
   * Whether risky sign-ins are challenged and leaked passwords refused, in the Plus plan: 0.02 USD for each active user a month, where
   * Essentials costs 0.015 and nothing for the first 10,000 (Amazon Cognito pricing). 20,000 USD a month for a million users.
   * @default false
   */
  readonly threatProtection?: boolean;
  /**
   * Roles of people. A group is state: the guard refuses to take one off the list.
   * @default - none
   */
  readonly groups?: UserGroup[];
  /**
   * Where the tokens of requests are checked.
   * @default TokenCheck.inService()
   */
  readonly tokenCheck?: TokenCheck;
  /**
   * Services of others that call with tokens of their own. A client is state: the guard refuses to take one off the list.
   * @default - none
   */
  readonly serviceClients?: ServiceClient[];
  /**
   * What a permission store (Amazon Verified Permissions) answers from. It costs nothing at rest and 5 USD for a million questions.
   * The store is state: the guard refuses to switch it off.
   * @default - no permission store: services read the groups in the token
   */
  readonly permissions?: PermissionModel;
}

/** What sign-in stands on. */
export interface SignInSurroundings {
  readonly signIn?: SignIn;
  /** @default - no domain */
  readonly domain?: ProductDomain;
  readonly encryptionKey: kms.IKey;
  readonly alarms: AlarmTopic;
  /** How releases take over. @default - they shift traffic */
  readonly releases?: ReleaseStrategy;
  /** Services of the product's own. @default - `api` alone */
  readonly services?: ProductService[];
}

/** The user pool and what stands around it. */
export interface SignInParts {
  readonly users: UserDirectory;
  /** Only where there are pages. */
  readonly signInPages?: HostedSignIn;
  /** Only with permissions. */
  readonly permissionStore?: PermissionStore;
}

/**
 * Makes the user pool and what stands around it.
 * @throws if the wishes do not go together
 */
export function openSignIn(stage: Construct, around: SignInSurroundings): SignInParts {
  const { signIn = {}, domain, encryptionKey, alarms } = around;
  const { pages, groups, passkeys = false, threatProtection, permissions } = signIn;
  const callbackUrls = signIn.callbackUrls ?? (domain ? [`https://${domain.name}/auth/callback`] : []);
  const hosted = pages?.exist ?? callbackUrls.length > 0;
  checkTogether(signIn, callbackUrls, domain);
  checkTokenCheck(around);
  const users = new UserDirectory(stage, ChildId.USERS, {
    encryptionKey,
    selfSignUp: signIn.selfSignUp,
    callbackUrls: hosted ? callbackUrls : undefined,
    logoutUrls: hosted ? (signIn.logoutUrls ?? (domain && [`https://${domain.name}/`])) : undefined,
    groups,
    tokenLifetimes: signIn.tokenLifetimes,
    passkeyDomain: passkeys ? `${pages?.label}.${domain?.name}` : undefined,
    threatProtection,
    serviceClients: signIn.serviceClients,
  });
  new SignInAlarms(stage, ChildId.SIGN_IN_ALARMS, { users, alarmTopic: alarms, threats: threatProtection });
  const signInPages = hosted
    ? new HostedSignIn(stage, ChildId.SIGN_IN_PAGES, { users, pages, siteName: domain?.name })
    : undefined;
  const permissionStore = permissions
    ? new PermissionStore(stage, ChildId.PERMISSIONS, { users, groups, model: permissions, encryptionKey })
    : undefined;
  return { users, signInPages, permissionStore };
}

/** What the containers are told of it. */
export function signInContract({ users, signInPages, permissionStore }: SignInParts): Partial<AppContractProps> {
  return {
    userPoolId: users.userPool.userPoolId,
    userPoolClientId: users.client.userPoolClientId,
    userPoolIssuer: users.issuerUrl,
    signInUrl: signInPages?.url,
    permissionStoreId: permissionStore?.policyStoreId,
  };
}

/** Lets services ask what people may do. */
export function letAsk({ permissionStore }: SignInParts, services: ContainerService[]): void {
  for (const service of services) permissionStore?.grantIsAuthorized(service);
}

/** What is published around sign-in. */
export interface PublishedSite {
  readonly application: Application;
  readonly site: Site;
  readonly siteAddress?: IDependable;
}

/** Gives the pages their name below the site's, and puts the load balancer's check of tokens before its routes. */
export function publishSignIn(
  { signIn = {}, domain }: Pick<SignInSurroundings, 'signIn' | 'domain'>,
  { signInPages, users }: SignInParts,
  { application, site, siteAddress }: PublishedSite,
): void {
  requireTokens(application.loadBalancer, signIn, users.issuerUrl);
  const { pages } = signIn;
  const certificate = pages?.certificate ?? site.certificate;
  if (pages?.label === undefined || !domain || !certificate || !siteAddress) return;
  signInPages?.standBelowSite({ hostedZone: domain.hostedZone, certificate, parentRecord: siteAddress });
}

/** Puts the check of tokens before the routes of a load balancer, where it is wished for there. */
export function requireTokens(loadBalancer: LoadBalancer, signIn: SignIn | undefined, issuer: string): void {
  const { paths } = signIn?.tokenCheck ?? TokenCheck.inService();
  if (paths.length > 0) loadBalancer.requireToken({ paths, issuer, jwksUrl: keysOf(issuer), claims: { token_use: 'access' } });
}

function checkTogether({ pages, passkeys, ...signIn }: SignIn, callbackUrls: string[], domain?: ProductDomain): void {
  if (pages?.exist && callbackUrls.length === 0) {
    throw new Error('signIn: pages need callbackUrls where the product has no domain: say where people come back to');
  }
  if (pages?.exist === false && (signIn.callbackUrls ?? signIn.logoutUrls)) {
    throw new Error('signIn: callbackUrls and logoutUrls belong to pages, which are none(): leave them out');
  }
  if (pages?.label !== undefined) checkOwnDomain(pages, domain);
  if (passkeys && pages?.label === undefined) {
    throw new Error(
      'signIn: passkeys need pages below the name of the site, which they stay bound to: give pages SignInPages.below(...)',
    );
  }
  const permitting = signIn.groups?.find(({ permits = [] }) => permits.length > 0);
  if (permitting && !signIn.permissions) {
    throw new Error(
      `signIn: permits of group '${permitting.name}' needs permissions: give PermissionModel.byGroups(), or leave permits out`,
    );
  }
}

function checkOwnDomain({ label, certificate }: SignInPages, domain?: ProductDomain): void {
  if (!domain) throw new Error(`signIn: pages below '${label}' need a domain, got none: give the product one`);
  if (domain.edgeCertificate && !certificate) {
    throw new Error(
      `signIn: pages below '${label}' need a certificate where domain.edgeCertificate is given, which may not cover '${label}.${domain.name}': give SignInPages.below one in us-east-1`,
    );
  }
}

function checkTokenCheck({ signIn, domain, releases, services = [] }: SignInSurroundings): void {
  const { paths } = signIn?.tokenCheck ?? TokenCheck.inService();
  if (paths.length === 0) return;
  if (!domain)
    throw new Error('signIn: tokenCheck at the load balancer needs a domain: without one its listener speaks no HTTPS');
  if (releases?.twoGroups ?? true) {
    throw new Error(
      'signIn: tokenCheck at the load balancer needs releases: ReleaseStrategy.inOneGroup(), since Amazon ECS shifts no traffic by rules that do more than forward: give it, or let the services check',
    );
  }
  // Their rules are made in stacks of their own.
  const routes = [{ name: API }, ...services].map((service) => ({
    id: service.name,
    pathPatterns: entranceOf(service).pathPatterns,
  }));
  const own = services.some(({ name }) => name === API);
  for (const path of paths) checkFree(path, own ? routes.slice(1) : routes);
}
