/**
 * What constructs of aws-cdk-lib acknowledge by themselves, as of 2.275.0: rule of `CloudFormation-Validate`, and reason. No app
 * can take these back, so none of them is a fault where it turns out to be needless.
 */
export const CDK_ACKNOWLEDGEMENTS: [rule: string, reason: string][] = [
  ['E3019', 'We are intentionally creating a duplicate resource'],
  [
    'F3002',
    'AWS::EC2::FlowLog DestinationOptions accepts properties in camelCase, even they are listed as PascalCase in the spec',
  ],
  [
    'F3003',
    'AWS::EC2::FlowLog DestinationOptions accepts properties in camelCase, even they are listed as PascalCase in the spec',
  ],
  ['F3032', 'An empty list of resources to replicate tags is historically supported by this construct.'],
  ['F3037', 'Duplicate domain names in subjectAlternativeNames exist for historical reasons'],
  [
    'W2506',
    'SSM parameter is typed as String instead of AWS::SSM::Parameter::Value<AWS::EC2::Image::Id> for historical reasons.',
  ],
  ['W3010', 'Literal AZs in template are the result of accessing stack.availabilityZones, this is expected and safe'],
  ['W3045', 'accessControl is deprecated, but we are still using it for historical reasons.'],
  ['W9003', 'LifecycleRule.objectSizeLessThan and LifecycleRule.objectSizeGreaterThan are numbers for historical reasons'],
  ['W9009', 'action is deprecated, but still in use for historical reasons'],
  ['W9009', 'elasticSearchConfig is deprecated, but still in use for historical reasons'],
  ['W9010', 'The AMI ID is resolved from a synth-time lookup, so the literal AMI ID in the template is expected.'],
];

/** Whether the CDK wrote an acknowledgement, and not somebody who uses it. */
export function isOfTheCdk(id: string, reason: string): boolean {
  return CDK_ACKNOWLEDGEMENTS.some(([rule, written]) => id === `CloudFormation-Validate::${rule}` && reason === written);
}
