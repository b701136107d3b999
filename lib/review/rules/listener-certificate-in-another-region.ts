import { isObject, items } from '../../assembly/values';
import { deployedResources } from '../template/deployed-resources';
import { regionOf } from '../template/regional-things';
import type { TemplateRule } from './rule';

const TYPES = ['AWS::ElasticLoadBalancingV2::Listener', 'AWS::ElasticLoadBalancingV2::ListenerCertificate'];

export const listenerCertificateInAnotherRegion: TemplateRule = {
  id: 'listener-certificate-in-another-region',
  severity: 'error',
  sentence: 'the certificate of a load balancer lies in its Region, Elastic Load Balancing refuses any other',
  source: 'AWS Certificate Manager User Guide, Supported Regions (certificates are regional resources)',
  types: TYPES,
  find: (assembly) =>
    deployedResources(assembly, ...TYPES).flatMap(({ stack, logicalId, properties }) =>
      items(properties.Certificates).flatMap((certificate, index) => {
        const arn = isObject(certificate) ? certificate.CertificateArn : undefined;
        const region = regionOf(arn, stack, assembly, 'AWS::CertificateManager::Certificate');
        if (region === undefined || [region, 'unknown-region'].includes(stack.region)) return [];
        const details = `this one lies in ${region}, the load balancer in ${stack.region}`;
        return [{ stack, logicalId, property: `Certificates.${index}.CertificateArn`, details }];
      }),
    ),
};
