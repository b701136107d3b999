import { Stack } from 'aws-cdk-lib';
import type * as cognito from 'aws-cdk-lib/aws-cognito';

/** The updated issuer of a user pool, the same in a copy of it (Amazon Cognito API, IssuerConfigurationType). */
export function updatedIssuerOf(userPool: cognito.UserPool): string {
  const { region, urlSuffix } = Stack.of(userPool);
  return `https://issuer-cognito-idp.${region}.${urlSuffix}/${userPool.userPoolId}`;
}

/** Where the keys are that tokens of an issuer are checked with. */
export function keysOf(issuerUrl: string): string {
  return `${issuerUrl}/.well-known/jwks.json`;
}
