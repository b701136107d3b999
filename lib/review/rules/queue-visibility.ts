import { at, behind, resourcesOf } from '../template/found-resource';
import { knownNumber } from '../template/known-values';
import { QUEUE } from '../template/queues';
import type { TemplateRule } from './rule';

const MAPPING = 'AWS::Lambda::EventSourceMapping';

/** Messages that are handed out again while a function still works on them. */
export const queueVisibility: TemplateRule = {
  id: 'queue-visibility',
  severity: 'warning',
  sentence:
    'a queue that a function reads hides a message for six times as long as the function may run: with less, a batch that is throttled once is handled twice',
  source: 'AWS Lambda Developer Guide, Creating and configuring an Amazon SQS event source mapping',
  types: [MAPPING],
  find: (assembly) =>
    resourcesOf(assembly, [MAPPING]).flatMap((mapping) => {
      const [called] = behind(mapping.properties.FunctionName, mapping, ['AWS::Lambda::Function']);
      const timeout = called && knownNumber(called.properties.Timeout, 3);
      return behind(mapping.properties.EventSourceArn, mapping, [QUEUE]).flatMap((queue) => {
        const hidden = knownNumber(queue.properties.VisibilityTimeout, 30);
        if (timeout === undefined || hidden === undefined || hidden >= 6 * timeout) return [];
        return [at(queue, 'VisibilityTimeout', `it is ${hidden} s, ${called.logicalId} may run for ${timeout} s`)];
      });
    }),
};
