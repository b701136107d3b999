import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { QUEUE, redriveOf } from '../template/queues';
import { writtenOut } from '../template/written-out';
import type { RuleFinding, TemplateRule } from './rule';

/** Dead-letter queues that do not lie beside their source. */
export const deadLetterQueueElsewhere: TemplateRule = {
  id: 'dead-letter-queue-elsewhere',
  severity: 'warning',
  sentence:
    'a dead-letter queue is in the account and Region of its source, is not the source itself, and is FIFO exactly if the source is: elsewhere it fails when it is needed, of another kind SQS refuses it',
  source: 'Amazon SQS Developer Guide, Using dead-letter queues in Amazon SQS; AWS::SQS::Queue RedrivePolicy',
  types: [QUEUE],
  find: (assembly) => resourcesOf(assembly, [QUEUE]).flatMap(findings),
};

function findings(queue: FoundResource): RuleFinding[] {
  const target = redriveOf(queue)?.target;
  if (target === undefined) return [];
  const property = 'RedrivePolicy';
  const { region, account } = queue.stack;
  const [found] = behind(target, queue, [QUEUE]);
  if (found === queue) return [at(queue, property, 'it is its own dead-letter queue')];
  const [, , , otherRegion, otherAccount, name] = found
    ? ['', '', '', found.stack.region, found.stack.account, found.properties.FifoQueue === true ? '.fifo' : '']
    : writtenOut(target).split(':');
  if (isOther(region, otherRegion)) return [at(queue, property, `it is in ${region}, its dead-letter queue in ${otherRegion}`)];
  if (isOther(account, otherAccount)) return [at(queue, property, `its dead-letter queue is in account ${otherAccount}`)];
  // Of two queues in one template, CloudFormation-Validate sees it (E3502).
  const isFifo = queue.properties.FifoQueue === true;
  if (name === undefined || name.includes('$') || found?.stack === queue.stack || name.endsWith('.fifo') === isFifo) return [];
  return [at(queue, property, isFifo ? 'it is FIFO, its dead-letter queue is not' : 'its dead-letter queue is FIFO, it is not')];
}

function isOther(own: string, other: string | undefined): boolean {
  return other !== undefined && other !== '' && !other.includes('$') && !`${own}${other}`.includes('unknown-') && own !== other;
}
