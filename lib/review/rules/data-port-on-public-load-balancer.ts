import type { Assembly } from '../../assembly/cloud-assembly';
import { isObject, items, valueAt } from '../../assembly/values';
import { dataServiceBehind } from '../template/data-ports';
import { type DeployedResource, deployedResources } from '../template/deployed-resources';
import { knownNumber } from '../template/known-values';
import { makersOf } from '../template/regional-things';
import type { TemplateRule } from './rule';

const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const TARGETS = 'AWS::ElasticLoadBalancingV2::TargetGroup';

export const dataPortOnPublicLoadBalancer: TemplateRule = {
  id: 'data-port-on-public-load-balancer',
  severity: 'error',
  sentence: 'no load balancer on the internet passes on to a database, cache, search domain, file system or Kafka cluster',
  source: 'AWS Well-Architected Framework, Security Pillar, SEC05-BP01 Create network layers',
  types: [LISTENER],
  find: (assembly) =>
    deployedResources(assembly, LISTENER).flatMap((listener) => {
      const { stack, logicalId, properties } = listener;
      const isPublic = behind(properties.LoadBalancerArn, listener, BALANCER, assembly).some(
        (balancer) => balancer.properties.Scheme === undefined || balancer.properties.Scheme === 'internet-facing',
      );
      if (!isPublic) return [];
      const groups = items(properties.DefaultActions).flatMap((action) => behind(targetsOf(action), listener, TARGETS, assembly));
      const ports = [properties.Port, ...groups.map((group) => group.properties.Port)].map((port) => knownNumber(port));
      const service = ports.map((port) => port !== undefined && dataServiceBehind(port, port)).find((one) => one);
      return service ? [{ stack, logicalId, property: 'DefaultActions', details: `this one leads to ${service}` }] : [];
    }),
};

function targetsOf(action: unknown): unknown {
  if (!isObject(action)) return undefined;
  const several = items(valueAt(action, ['ForwardConfig', 'TargetGroups']));
  return [action.TargetGroupArn, ...several.map((group) => valueAt(group, ['TargetGroupArn']))];
}

function behind(value: unknown, { stack }: DeployedResource, type: string, assembly: Assembly): DeployedResource[] {
  const sites = makersOf(value, stack, assembly, type);
  return deployedResources(assembly, type).filter((one) =>
    sites.some((site) => site.stack === one.stack && site.logicalId === one.logicalId),
  );
}
