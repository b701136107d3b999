import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownNumber } from '../template/known-values';
import { QUEUE, redriveOf } from '../template/queues';
import type { RuleFinding, TemplateRule } from './rule';

export const queueRetention: TemplateRule = {
  id: 'queue-retention',
  severity: 'warning',
  sentence:
    'a queue keeps a message until every attempt at it is over (MessageRetentionPeriod is more than VisibilityTimeout times maxReceiveCount): otherwise SQS deletes work that is still tried, and it never comes to the dead-letter queue',
  source:
    'Amazon SQS Developer Guide, Understanding message retention periods for dead-letter queues; Amazon SQS visibility timeout',
  types: [QUEUE],
  find: (assembly) => resourcesOf(assembly, [QUEUE]).flatMap(findings),
};

function findings(queue: FoundResource): RuleFinding[] {
  // SQS keeps messages for 4 days, and hides one for 30 seconds, where nothing else is said.
  const kept = knownNumber(queue.properties.MessageRetentionPeriod, 345_600);
  const hidden = knownNumber(queue.properties.VisibilityTimeout, 30);
  const attempts = knownNumber(redriveOf(queue)?.maxReceiveCount, 1);
  if (kept === undefined || hidden === undefined || attempts === undefined || kept > hidden * attempts) return [];
  const times = attempts === 1 ? 'one attempt takes' : `${attempts} attempts take`;
  return [at(queue, 'MessageRetentionPeriod', `this one keeps them ${kept} seconds, ${times} ${hidden * attempts}`)];
}
