import { isIntrinsic, isObject, items } from '../../assembly/values';
import { DISTRIBUTION, distributions } from '../template/distributions';
import type { TemplateRule } from './rule';

export const aliasesWithoutCertificate: TemplateRule = {
  id: 'aliases-without-certificate',
  severity: 'error',
  sentence: 'a distribution with Aliases has a certificate for them, or CloudFront refuses the aliases',
  source: 'CloudFormation AWS::CloudFront::Distribution ViewerCertificate, CloudFrontDefaultCertificate',
  types: [DISTRIBUTION],
  find: (assembly) =>
    distributions(assembly).flatMap(({ stack, logicalId, config: { Aliases, ViewerCertificate } }) => {
      if (items(Aliases).length === 0 || isIntrinsic(ViewerCertificate)) return [];
      const { AcmCertificateArn, IamCertificateId } = isObject(ViewerCertificate) ? ViewerCertificate : {};
      if (AcmCertificateArn !== undefined || IamCertificateId !== undefined) return [];
      const names = items(Aliases).filter((alias) => typeof alias === 'string');
      const details = `it answers to ${names.join(', ') || 'names that only a deploy knows'} and has none`;
      return [{ stack, logicalId, property: 'DistributionConfig.ViewerCertificate', details }];
    }),
};
