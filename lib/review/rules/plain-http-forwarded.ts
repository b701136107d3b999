import type { Assembly } from '../../assembly/cloud-assembly';
import { isObject, items } from '../../assembly/values';
import { type DeployedResource, deployedResources } from '../template/deployed-resources';
import { makersOf } from '../template/regional-things';
import type { TemplateRule } from './rule';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const LISTENER_RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';

export const plainHttpForwarded: TemplateRule = {
  id: 'plain-http-forwarded',
  severity: 'warning',
  sentence: 'a load balancer with an HTTPS listener redirects HTTP to it, or its users stay in clear text without noticing',
  source: 'AWS Security Hub, ELB.1 (Application Load Balancer should be configured to redirect all HTTP requests to HTTPS)',
  types: [LISTENER, LISTENER_RULE],
  find: (assembly) => {
    const listeners = deployedResources(assembly, LISTENER);
    const balancersOf = (protocol: string) =>
      listeners.filter(({ properties }) => properties.Protocol === protocol).map((listener) => balancerOf(listener, assembly));
    const secured = balancersOf('HTTPS');
    const plain = listeners.filter(
      (listener) => listener.properties.Protocol === 'HTTP' && secured.includes(balancerOf(listener, assembly)),
    );
    const rules = deployedResources(assembly, LISTENER_RULE).filter(({ stack, properties }) =>
      makersOf(properties.ListenerArn, stack, assembly, LISTENER).some((site) =>
        plain.some((listener) => listener.stack === site.stack && listener.logicalId === site.logicalId),
      ),
    );
    return [
      ...plain.map((resource) => ({ resource, at: 'DefaultActions' })),
      ...rules.map((resource) => ({ resource, at: 'Actions' })),
    ]
      .map(({ resource, at }) => ({ ...resource, at, index: forwarding(resource.properties[at]) }))
      .filter(({ index }) => index >= 0)
      .map(({ stack, logicalId, at, index }) => {
        return { stack, logicalId, property: `${at}.${index}.Type`, details: 'this one forwards HTTP to its targets' };
      });
  },
};

/** Where a listener's load balancer is not known, its text tells it from others. */
function balancerOf({ stack, properties }: DeployedResource, assembly: Assembly): string {
  const [site] = makersOf(properties.LoadBalancerArn, stack, assembly, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  return site
    ? `${site.stack.artifactId} ${site.logicalId}`
    : `${stack.artifactId} ${JSON.stringify(properties.LoadBalancerArn)}`;
}

function forwarding(actions: unknown): number {
  return items(actions).findIndex((action) => isObject(action) && action.Type === 'forward');
}
