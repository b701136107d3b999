import { at, resourcesOf } from '../template/found-resource';
import { knownNumber } from '../template/known-values';
import { QUEUE, redriveOf } from '../template/queues';
import type { TemplateRule } from './rule';

/** Messages that get one attempt. */
export const queueSingleReceive: TemplateRule = {
  id: 'queue-single-receive',
  severity: 'warning',
  sentence:
    'a queue tries a message more than once before it gives it up: with a maxReceiveCount of 1, one restart of a worker sends good messages to the dead-letter queue',
  source:
    'Amazon SQS Developer Guide, Using dead-letter queues in Amazon SQS; AWS Lambda Developer Guide, Creating and configuring an Amazon SQS event source mapping',
  types: [QUEUE],
  find: (assembly) =>
    resourcesOf(assembly, [QUEUE])
      .filter((queue) => knownNumber(redriveOf(queue)?.maxReceiveCount) === 1)
      .map((queue) => at(queue, 'RedrivePolicy.maxReceiveCount')),
};
