import type { Assembly } from '../../assembly/cloud-assembly';
import { DISTRIBUTION, type Distribution, distributions } from '../template/distributions';
import { makersOf, regionOfArn } from '../template/regional-things';
import type { TemplateRule } from './rule';

export const webAclNotForCloudfront: TemplateRule = {
  id: 'web-acl-not-for-cloudfront',
  severity: 'error',
  sentence: 'the web ACL of a CloudFront distribution has Scope CLOUDFRONT and lies in us-east-1, CloudFront refuses any other',
  source: 'CloudFormation AWS::WAFv2::WebACL, Scope; AWS::CloudFront::Distribution DistributionConfig, WebACLId',
  types: [DISTRIBUTION],
  find: (assembly) =>
    distributions(assembly).flatMap((distribution) => {
      const fault = faultOf(distribution, assembly);
      const { stack, logicalId } = distribution;
      return fault === undefined ? [] : [{ stack, logicalId, property: 'DistributionConfig.WebACLId', details: fault }];
    }),
};

function faultOf({ stack, config: { WebACLId } }: Distribution, assembly: Assembly): string | undefined {
  if (typeof WebACLId === 'string') {
    if (!WebACLId.startsWith('arn:')) return undefined;
    if (/:regional\//.test(WebACLId)) return 'this one is regional';
    const region = regionOfArn(WebACLId);
    return region === undefined || region === 'us-east-1' ? undefined : `this one lies in ${region}`;
  }
  const [maker] = makersOf(WebACLId, stack, assembly, 'AWS::WAFv2::WebACL');
  if (!maker) return undefined;
  if (maker.stack.template.Resources?.[maker.logicalId].Properties?.Scope === 'REGIONAL') {
    return `${maker.logicalId} has Scope REGIONAL`;
  }
  const { region } = maker.stack;
  return ['us-east-1', 'unknown-region'].includes(region) ? undefined : `${maker.logicalId} lies in ${region}`;
}
