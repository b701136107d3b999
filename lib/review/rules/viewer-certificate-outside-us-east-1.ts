import { isObject } from '../../assembly/values';
import { DISTRIBUTION, distributions } from '../template/distributions';
import { regionOf } from '../template/regional-things';
import type { TemplateRule } from './rule';

export const viewerCertificateOutsideUsEast1: TemplateRule = {
  id: 'viewer-certificate-outside-us-east-1',
  severity: 'error',
  sentence: 'the certificate of a CloudFront distribution lies in us-east-1, CloudFront refuses any other',
  source: 'CloudFormation AWS::CloudFront::Distribution ViewerCertificate, AcmCertificateArn',
  types: [DISTRIBUTION],
  find: (assembly) =>
    distributions(assembly).flatMap(({ stack, logicalId, config: { ViewerCertificate } }) => {
      if (!isObject(ViewerCertificate)) return [];
      const region = regionOf(ViewerCertificate.AcmCertificateArn, stack, assembly, 'AWS::CertificateManager::Certificate');
      if (region === undefined || region === 'us-east-1') return [];
      const property = 'DistributionConfig.ViewerCertificate.AcmCertificateArn';
      return [{ stack, logicalId, property, details: `this one lies in ${region}` }];
    }),
};
