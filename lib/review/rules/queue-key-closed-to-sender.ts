import { at, behind, type FoundResource, resourcesOf } from '../template/found-resource';
import { isUnknown, knownText } from '../template/known-values';
import { policyStatements } from '../template/policy-statements';
import { allows, SENDERS, type Sender, senders } from '../template/queues';
import type { RuleFinding, TemplateRule } from './rule';

const KEYS = ['AWS::KMS::Key', 'AWS::KMS::ReplicaKey'];

/** Queues encrypted with a key that who is to fill them may not use. */
export const queueKeyClosedToSender: TemplateRule = {
  id: 'queue-key-closed-to-sender',
  severity: 'error',
  sentence:
    'the key of an encrypted queue that a topic, an event rule or a bucket sends to lets that service decrypt and generate data keys, which the AWS managed key never does: otherwise every message is lost',
  source: 'Amazon SQS Developer Guide, Amazon SQS Key management, Configure KMS permissions for AWS services',
  types: SENDERS,
  find: (assembly) => {
    const found = resourcesOf(assembly, SENDERS).flatMap(senders).flatMap(findings);
    const texts = found.map(({ logicalId, details, stack }) => JSON.stringify([stack.artifactId, logicalId, details]));
    return found.filter((_, index) => texts.indexOf(texts[index]) === index);
  },
};

function findings({ queue, service }: Sender): RuleFinding[] {
  const id = queue.properties.KmsMasterKeyId;
  if (knownText(id)?.endsWith('alias/aws/sqs')) {
    return [at(queue, 'KmsMasterKeyId', `${service} may not use alias/aws/sqs`)];
  }
  return keysBehind(id, queue)
    .filter((key) => !isOpenTo(key, service))
    .map((key) => at(queue, 'KmsMasterKeyId', `the policy of ${key.logicalId} does not let ${service} in`));
}

function keysBehind(id: unknown, queue: FoundResource): FoundResource[] {
  const aliases = behind(id, queue, ['AWS::KMS::Alias']);
  return [...behind(id, queue, KEYS), ...aliases.flatMap((alias) => behind(alias.properties.TargetKeyId, alias, KEYS))];
}

function isOpenTo(key: FoundResource, service: string): boolean {
  if (isUnknown(key.properties.KeyPolicy)) return true;
  const statements = policyStatements(key.assembly).filter(
    ({ stack, logicalId }) => stack === key.stack && logicalId === key.logicalId,
  );
  return ['kms:Decrypt', 'kms:GenerateDataKey'].every((action) =>
    statements.some((statement) => allows(statement, service, action)),
  );
}
