import { deployedResources } from '../template/deployed-resources';
import { makersOf, regionOfArn } from '../template/regional-things';
import type { TemplateRule } from './rule';

const TYPE = 'AWS::WAFv2::WebACLAssociation';

export const webAclAssociationMismatch: TemplateRule = {
  id: 'web-acl-association-mismatch',
  severity: 'error',
  sentence:
    'an association takes a web ACL of Scope REGIONAL of its own Region, WAF refuses one for CloudFront or of another Region',
  source: 'CloudFormation AWS::WAFv2::WebACLAssociation; AWS::WAFv2::WebACL, Scope',
  types: [TYPE],
  find: (assembly) =>
    deployedResources(assembly, TYPE).flatMap(({ stack, logicalId, properties: { WebACLArn } }) => {
      const [maker] = makersOf(WebACLArn, stack, assembly, 'AWS::WAFv2::WebACL');
      const scope = maker?.stack.template.Resources?.[maker.logicalId].Properties?.Scope;
      const region = maker?.stack.region ?? regionOfArn(WebACLArn) ?? stack.region;
      const isGlobal = scope === 'CLOUDFRONT' || (typeof WebACLArn === 'string' && /:global\//.test(WebACLArn));
      const property = 'WebACLArn';
      if (isGlobal) return [{ stack, logicalId, property, details: 'this one is for CloudFront' }];
      if (region === stack.region || [region, stack.region].includes('unknown-region')) return [];
      return [{ stack, logicalId, property, details: `this one lies in ${region}, the association in ${stack.region}` }];
    }),
};
