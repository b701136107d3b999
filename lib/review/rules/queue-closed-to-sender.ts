import { at, resourcesOf } from '../template/found-resource';
import { letsSend, SENDERS, senders } from '../template/queues';
import type { TemplateRule } from './rule';

/** Queues whose policy turns away who is to fill them. */
export const queueClosedToSender: TemplateRule = {
  id: 'queue-closed-to-sender',
  severity: 'error',
  sentence:
    'a queue that a topic, an event rule or a bucket sends to (its dead letters too) has a queue policy that lets that service send: otherwise every message is lost, or S3 refuses the notification',
  source:
    'Amazon SNS Developer Guide, Subscribing an Amazon SQS queue to an Amazon SNS topic; Amazon EventBridge User Guide, Using resource-based policies for Amazon EventBridge',
  types: SENDERS,
  find: (assembly) =>
    resourcesOf(assembly, SENDERS)
      .flatMap(senders)
      .filter(({ queue, service }) => letsSend(queue, service) === false)
      .map(({ resource, property, service, queue }) =>
        at(resource, property, `no policy of ${queue.logicalId} lets ${service} send`),
      ),
};
