import { Stack } from 'aws-cdk-lib';
import type { ProductService } from '../blocks/compute/product-service';
import type { ServiceGround } from './service-ground';

/** Names under which the Region's stack offers the queue of a service: the only thing of it that stands there. */
export function queueOffers({ name }: ProductService): { [part in 'arn' | 'name' | 'url' | 'key' | 'dead']: string } {
  const start = name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
  const named = (what: string) => `${start}Queue${what}`;
  return { arn: named('Arn'), name: named('Name'), url: named('Url'), key: named('Key'), dead: named('DeadLetters') };
}

/**
 * Offers the queue of a service.
 * @throws if it is of another stack
 */
export function offerQueue(ground: ServiceGround, service: ProductService): void {
  const { queue, name } = service;
  if (!queue) return;
  if (Stack.of(queue) !== ground.stack) {
    throw new Error(
      `services: queue of '${name}' must be made in the product's stack ${ground.stack.stackName}, got one of ${Stack.of(queue).stackName}: what holds state stands there`,
    );
  }
  const names = queueOffers(service);
  ground.offers.add(names.arn, queue.queue.queueArn);
  ground.offers.add(names.name, queue.queue.queueName);
  ground.offers.add(names.dead, queue.deadLetterQueue.queueName);
  ground.offers.add(names.url, queue.queue.queueUrl);
  ground.offers.add(names.key, queue.queue.encryptionMasterKey?.keyArn);
}
