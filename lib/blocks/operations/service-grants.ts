import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Refuses grants, which give a key away without a trace in any policy, unless a service of AWS asks for one: by itself, or to
 * encrypt what a principal of this account has it make (AWS KMS developer guide, kms:GrantIsForAWSResource; CT.KMS.PR.3).
 */
export function grantsByServicesOnly(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'OnlyServicesCreateGrants',
    effect: iam.Effect.DENY,
    actions: ['kms:CreateGrant'],
    principals: [new iam.AnyPrincipal()],
    resources: ['*'],
    conditions: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
  });
}
