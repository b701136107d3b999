import type { IConstruct } from 'constructs';
import { acknowledge, inPacks, sameReason } from '../blocks/operations/acknowledge';

/** The packs that want a key of the account. */
const PACKS = ['HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'];

/** What a key costs, and what the first stage may. */
const COST =
  'A key of the account costs 1 USD a month, and 1 USD more after each of its first two yearly rotations (AWS KMS pricing), which the ' +
  '20 USD a month of the first stage do not hold beside a server, its address and its disks. The second stage has a key and uses it ' +
  'here, in place.';

/** Records why nothing but the server's disks is encrypted with a key of the account where there is no such key. */
export function acknowledgeNoKey(topic: IConstruct, logGroups: IConstruct[], queues: IConstruct[]): void {
  acknowledge(
    topic,
    ...sameReason(
      `The rules want a key, so that nobody reads messages from the disks of Amazon SNS. ${COST} Until then the messages carry names ` +
        'and values of metrics, no data of the product, and travel by TLS only; CloudWatch could not publish through the AWS managed key.',
      ...inPacks('SNSEncryptedKMS', ...PACKS),
      'Checkov::CKV_AWS_26',
    ),
  );
  for (const queue of queues) {
    acknowledge(queue, {
      id: 'Checkov::CKV_AWS_27',
      reason:
        `The check wants a key, so that nobody reads jobs from the disks of Amazon SQS. ${COST} Until then Amazon SQS encrypts them with ` +
        'a key of its own (SSE-SQS), takes them by TLS only, and IAM decides who reads.',
    });
  }
  for (const logGroup of logGroups) {
    acknowledge(
      logGroup,
      ...sameReason(
        `The rules want a key that the account can withdraw from whoever reads the disks of CloudWatch Logs. ${COST} Until then ` +
          'CloudWatch Logs encrypts the log with a key of its own (AES-256-GCM), and IAM decides who reads it.',
        ...inPacks('CloudWatchLogGroupEncrypted', ...PACKS),
        'ControlTower::CT.CLOUDWATCH.PR.3',
        'Checkov::CKV_AWS_158',
      ),
    );
  }
}
