import { deployedResources } from '../template/deployed-resources';
import type { TemplateRule } from './rule';

/** Everything of WAF that has a scope. */
const TYPES = ['WebACL', 'RuleGroup', 'IPSet', 'RegexPatternSet'].map((name) => `AWS::WAFv2::${name}`);

export const cloudfrontWebAclOutsideUsEast1: TemplateRule = {
  id: 'cloudfront-web-acl-outside-us-east-1',
  severity: 'error',
  sentence: 'what WAF has for CloudFront (Scope CLOUDFRONT) is created in us-east-1, WAF refuses it in any other Region',
  source: 'CloudFormation AWS::WAFv2::WebACL, Scope',
  types: TYPES,
  find: (assembly) =>
    deployedResources(assembly, ...TYPES)
      .filter(({ properties, stack }) => {
        return properties.Scope === 'CLOUDFRONT' && !['us-east-1', 'unknown-region'].includes(stack.region);
      })
      .map(({ stack, logicalId }) => ({ stack, logicalId, property: 'Scope', details: `its stack lies in ${stack.region}` })),
};
