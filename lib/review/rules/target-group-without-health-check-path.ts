import { sameValue } from '../../assembly/values';
import { deployedResources } from '../template/deployed-resources';
import type { TemplateRule } from './rule';

const TYPE = 'AWS::ElasticLoadBalancingV2::TargetGroup';

export const targetGroupWithoutHealthCheckPath: TemplateRule = {
  id: 'target-group-without-health-check-path',
  severity: 'note',
  sentence: 'a target group says which path tells that a target is healthy, or Elastic Load Balancing asks for /',
  source: 'CloudFormation AWS::ElasticLoadBalancingV2::TargetGroup, HealthCheckPath',
  types: [TYPE],
  find: (assembly) =>
    deployedResources(assembly, TYPE)
      .filter(({ properties: { Protocol, TargetType, HealthCheckProtocol, HealthCheckEnabled, HealthCheckPath } }) => {
        const checked = HealthCheckProtocol ?? Protocol;
        if (HealthCheckPath !== undefined || TargetType === 'lambda' || sameValue(HealthCheckEnabled, false)) return false;
        return checked === 'HTTP' || checked === 'HTTPS';
      })
      .map(({ stack, logicalId }) => ({ stack, logicalId, property: 'HealthCheckPath', details: 'this one does not' })),
};
