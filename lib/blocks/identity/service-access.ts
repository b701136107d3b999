import { Duration } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';

/** A service that calls with a token of its own (OAuth 2.0 client credentials). */
export interface ServiceClient {
  /** Name, 1 to 64 letters, digits, dashes and underscores; another name is another client. */
  readonly name: string;
  /** What it may do, such as `orders.read`; at least one. */
  readonly scopes: string[];
}

/** Properties of a ServiceAccess. */
export interface ServiceAccessProps {
  readonly userPool: cognito.IUserPool;
  /** At least one, at most 25 scopes each and 100 together. */
  readonly clients: ServiceClient[];
  /**
   * What stands before the scopes in a token, as in `api/orders.read`. It can never change.
   * @default api
   */
  readonly identifier?: string;
}

/** Amazon Cognito developer guide, quotas: scopes per resource server, and per app client 50. */
const MOST_SCOPES = 100;
const MOST_SCOPES_OF_A_CLIENT = 50;

/**
 * What lets services of others in: one resource server with every scope there is, and a client with a secret for each of them.
 *
 * Who operates the other service reads its secret from the user pool (`cognito-idp:DescribeUserPoolClient`); no template names it.
 * A client costs 6 USD a month and a thousand tokens 2.25 (Amazon Cognito pricing, machine-to-machine; the 6 not verified against AWS).
 *
 * @throws if there is no client, or a name or scope is out of range
 */
export class ServiceAccess extends Construct {
  public readonly resourceServer: cognito.CfnUserPoolResourceServer;
  /** The clients in the order given. */
  public readonly clients: cognito.UserPoolClient[];

  constructor(scope: Construct, id: string, props: ServiceAccessProps) {
    super(scope, id);
    const { userPool, clients, identifier = 'api' } = props;
    checkClients(clients);
    const scopes = [...new Set(clients.flatMap((client) => client.scopes))];
    if (scopes.length > MOST_SCOPES) {
      throw new Error(`serviceClients: scopes must be at most ${MOST_SCOPES} together, got ${scopes.length}: make them coarser`);
    }
    this.resourceServer = new cognito.CfnUserPoolResourceServer(this, 'ResourceServer', {
      userPoolId: userPool.userPoolId,
      identifier,
      name: identifier,
      scopes: scopes.map((scopeName) => ({ scopeName, scopeDescription: scopeName })),
    });
    this.clients = clients.map((client) => {
      const made = new cognito.UserPoolClient(this, `Client-${client.name}`, {
        userPool,
        userPoolClientName: client.name,
        generateSecret: true,
        preventUserExistenceErrors: true,
        enableTokenRevocation: true,
        accessTokenValidity: Duration.hours(1),
        supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
        oAuth: {
          flows: { clientCredentials: true },
          scopes: client.scopes.map((name) => cognito.OAuthScope.custom(`${identifier}/${name}`)),
        },
      });
      // Where none is named, Amazon Cognito lets people sign in here too.
      (made.node.defaultChild as cognito.CfnUserPoolClient).explicitAuthFlows = ['ALLOW_REFRESH_TOKEN_AUTH'];
      // Its id and secret are in somebody else's hands.
      retain(made);
      made.node.addDependency(this.resourceServer);
      return made;
    });
  }
}

function checkClients(clients: ServiceClient[]): void {
  if (clients.length === 0) throw new Error('serviceClients must hold at least one client, got none: leave it out');
  for (const [index, { name, scopes }] of clients.entries()) {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      throw new Error(
        `serviceClients: name must be 1 to 64 letters, digits, dashes and underscores, got '${name}': write it as in partner-shop`,
      );
    }
    if (clients.findIndex((client) => client.name === name) !== index) {
      throw new Error(`serviceClients: '${name}' stands twice, name every client once`);
    }
    if (scopes.length < 1 || scopes.length > MOST_SCOPES_OF_A_CLIENT) {
      throw new Error(
        `serviceClients: scopes of '${name}' must be 1 to ${MOST_SCOPES_OF_A_CLIENT}, got ${scopes.length}: say what it may do, as in orders.read`,
      );
    }
    for (const scope of scopes) {
      // What OAuth 2.0 allows, without the slash that parts it from the identifier.
      if (/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}$/.test(scope)) continue;
      throw new Error(
        `serviceClients: scope of '${name}' must be ASCII without space, quote, slash or backslash, got '${scope}': write it as in orders.read`,
      );
    }
  }
}
