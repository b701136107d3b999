import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { knownFlag, knownNumber } from '../template/known-values';
import { QUEUE, redriveOf } from '../template/queues';
import type { RuleFinding, TemplateRule } from './rule';

const DEFAULT = 345600;

/** Dead letters that are gone before anybody reads them. */
export const deadLetterRetention: TemplateRule = {
  id: 'dead-letter-retention',
  severity: 'warning',
  sentence:
    'a dead-letter queue keeps messages longer than its source: their age counts from when they were sent first, so that with the same period they are gone as soon as they arrive',
  source: 'Amazon SQS Developer Guide, Setting-up dead-letter queue retention in Amazon SQS',
  types: [QUEUE],
  find: (assembly) => resourcesOf(assembly, [QUEUE]).flatMap(findings),
};

function findings(source: FoundResource): RuleFinding[] {
  // The age of messages in FIFO queues starts anew.
  if (knownFlag(source.properties.FifoQueue) !== false) return [];
  const own = knownNumber(source.properties.MessageRetentionPeriod, DEFAULT);
  return behind(redriveOf(source)?.target, source, [QUEUE]).flatMap((queue) => {
    const kept = knownNumber(queue.properties.MessageRetentionPeriod, DEFAULT);
    // Both at the most that SQS has: nothing can be done.
    if (own === undefined || kept === undefined || kept > own || kept >= 1209600) return [];
    return [at(queue, 'MessageRetentionPeriod', `it keeps them for ${kept} s, its source ${source.logicalId} for ${own} s`)];
  });
}
