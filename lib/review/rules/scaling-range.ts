import { at, resourcesOf } from '../template/found-resource';
import { knownNumber } from '../template/known-values';
import type { TemplateRule } from './rule';

const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';

/** Ranges that are upside down. Of Auto Scaling groups, CloudFormation-Validate sees it (E3706). */
export const scalingRange: TemplateRule = {
  id: 'scaling-range',
  severity: 'error',
  sentence: 'what scales has a minimum that is not above its maximum: Application Auto Scaling refuses it otherwise',
  source:
    'Application Auto Scaling API Reference, RegisterScalableTarget; AWS::ApplicationAutoScaling::ScalableTarget MinCapacity',
  types: [TARGET],
  find: (assembly) =>
    resourcesOf(assembly, [TARGET]).flatMap((target) => {
      const [min, max] = [knownNumber(target.properties.MinCapacity), knownNumber(target.properties.MaxCapacity)];
      if (min === undefined || max === undefined || min <= max) return [];
      return [at(target, 'MinCapacity', `the minimum is ${min}, the maximum ${max}`)];
    }),
};
