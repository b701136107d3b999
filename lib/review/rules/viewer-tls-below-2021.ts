import { isObject } from '../../assembly/values';
import { DISTRIBUTION, distributions } from '../template/distributions';
import type { TemplateRule } from './rule';

/** CloudFront's policies that take TLS 1.0 or 1.1, or ciphers that AWS has since given up. */
const OLD = ['SSLv3', 'TLSv1', 'TLSv1_2016', 'TLSv1.1_2016', 'TLSv1.2_2018', 'TLSv1.2_2019'];

export const viewerTlsBelow2021: TemplateRule = {
  id: 'viewer-tls-below-2021',
  severity: 'warning',
  sentence:
    'a distribution with a certificate of its own takes TLSv1.2_2021 or newer from its viewers, older policies have weak protocols or ciphers',
  source: 'Amazon CloudFront Developer Guide, Supported protocols and ciphers between viewers and CloudFront',
  types: [DISTRIBUTION],
  find: (assembly) =>
    distributions(assembly).flatMap(({ stack, logicalId, config: { ViewerCertificate } }) => {
      if (!isObject(ViewerCertificate)) return [];
      const { AcmCertificateArn, IamCertificateId, MinimumProtocolVersion } = ViewerCertificate;
      if (AcmCertificateArn === undefined && IamCertificateId === undefined) return [];
      const isOld = MinimumProtocolVersion === undefined || OLD.includes(String(MinimumProtocolVersion));
      if (!isOld) return [];
      const details = `MinimumProtocolVersion is ${MinimumProtocolVersion ?? 'not set'}`;
      return [{ stack, logicalId, property: 'DistributionConfig.ViewerCertificate.MinimumProtocolVersion', details }];
    }),
};
