import { at, resourcesOf } from '../template/found-resource';
import { knownList } from '../template/known-values';
import type { TemplateRule } from './rule';

const SERVICE = 'AWS::ECS::Service';

/** Tasks that are stopped while they start. */
export const serviceHealthGrace: TemplateRule = {
  id: 'service-health-grace',
  severity: 'warning',
  sentence:
    'a service behind a load balancer has a HealthCheckGracePeriodSeconds: the default is 0, and a task that starts more slowly than the health check gives up is stopped for ever',
  source: 'AWS::ECS::Service HealthCheckGracePeriodSeconds',
  types: [SERVICE],
  find: (assembly) =>
    resourcesOf(assembly, [SERVICE])
      .filter(({ properties }) => (knownList(properties.LoadBalancers)?.length ?? 0) > 0)
      .filter(({ properties }) => properties.HealthCheckGracePeriodSeconds === undefined)
      .map((service) => at(service, 'HealthCheckGracePeriodSeconds', 'it is not set')),
};
