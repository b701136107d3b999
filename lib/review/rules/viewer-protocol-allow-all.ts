import { behaviors, DISTRIBUTION, distributions } from '../template/distributions';
import type { TemplateRule } from './rule';

export const viewerProtocolAllowAll: TemplateRule = {
  id: 'viewer-protocol-allow-all',
  severity: 'warning',
  sentence: 'viewers are redirected to HTTPS or refused, or CloudFront serves them in clear text',
  source: 'CloudFormation AWS::CloudFront::Distribution DefaultCacheBehavior, ViewerProtocolPolicy',
  types: [DISTRIBUTION],
  find: (assembly) =>
    distributions(assembly).flatMap((distribution) =>
      behaviors(distribution)
        .filter(({ settings }) => settings.ViewerProtocolPolicy === 'allow-all')
        .map(({ property, settings }) => ({
          stack: distribution.stack,
          logicalId: distribution.logicalId,
          property: `${property}.ViewerProtocolPolicy`,
          details: `the behaviour for ${settings.PathPattern ?? 'everything else'} has allow-all`,
        })),
    ),
};
