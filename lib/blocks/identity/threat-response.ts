import * as cognito from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';

/** Refuses leaked passwords, and asks for a second factor where a sign-in looks like somebody else's. Without it the Plus plan only watches. */
export function meetThreats(scope: Construct, userPool: cognito.IUserPool): void {
  new cognito.CfnUserPoolRiskConfigurationAttachment(scope, 'Threats', {
    userPoolId: userPool.userPoolId,
    clientId: 'ALL',
    compromisedCredentialsRiskConfiguration: { actions: { eventAction: 'BLOCK' } },
    accountTakeoverRiskConfiguration: {
      actions: {
        lowAction: { eventAction: 'NO_ACTION', notify: false },
        mediumAction: { eventAction: 'MFA_IF_CONFIGURED', notify: false },
        highAction: { eventAction: 'MFA_REQUIRED', notify: false },
      },
    },
  });
}
