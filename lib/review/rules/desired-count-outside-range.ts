import { at, behind, resourcesOf } from '../template/found-resource';
import { knownNumber } from '../template/known-values';
import type { TemplateRule } from './rule';

const SERVICE = 'AWS::ECS::Service';
const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';

/** A number of tasks that scaling never allows. */
export const desiredCountOutsideRange: TemplateRule = {
  id: 'desired-count-outside-range',
  severity: 'warning',
  sentence:
    'the DesiredCount of a service that scales lies in its range, or is left out: every deploy that changes the service sets it again, below the minimum until scaling notices, or above what was meant to be the most',
  source: 'AWS::ECS::Service DesiredCount; Amazon ECS Developer Guide, Automatically scale your Amazon ECS service',
  types: [TARGET],
  find: (assembly) =>
    resourcesOf(assembly, [TARGET]).flatMap((target) => {
      const [min, max] = [knownNumber(target.properties.MinCapacity), knownNumber(target.properties.MaxCapacity)];
      return behind(target.properties.ResourceId, target, [SERVICE]).flatMap((service) => {
        const count = knownNumber(service.properties.DesiredCount);
        if (min === undefined || max === undefined || count === undefined || min > max || (count >= min && count <= max))
          return [];
        return [at(service, 'DesiredCount', `it is ${count}, the range ${min} to ${max}`)];
      });
    }),
};
