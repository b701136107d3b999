import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';

/**
 * What was handled already, for consumers of queues that may deliver twice. Attributes are those of Powertools for AWS Lambda, whose
 * idempotency layer works with the table's name alone.
 *
 * A consumer, for each message:
 * 1. *takes* it: puts `{id, status: INPROGRESS, in_progress_expiration: when this try is given up, in ms, expiration: in s}` on the
 *    condition that there is no such `id`, or its `expiration` has passed, or it is in progress and its `in_progress_expiration` has
 *    passed. DynamoDB deletes expired rows within days, so the condition has to look at the time itself. Refused and COMPLETED: it
 *    was handled, delete the message. Refused and INPROGRESS: somebody is at it, leave the message to come again;
 * 2. *handles* it;
 * 3. *completes* it: sets `status` to COMPLETED and `expiration` to when no duplicate can come any more (longer than the 14 days
 *    that a dead letter may wait), on the condition that its own `in_progress_expiration` still stands;
 * 4. where it failed, deletes the row on that same condition, so that the next try begins at once.
 *
 * `id` is the consumer's name and what makes the event one and the same: the publisher's event id, or the schedule and its time; not
 * the id of the SQS message, for a publisher that tries again gets another. A crash between 2 and 3 handles it twice: what must
 * never happen writes mark and effect in one transaction.
 *
 * One table a Region: an event is handled in the Region of its queue, and marks that travel would come too late to help. Born as
 * `AWS::DynamoDB::GlobalTable`, on demand, encrypted with the AWS managed key, restorable, protected from deletion.
 */
export class IdempotencyTable extends Construct {
  public readonly table: dynamodb.TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new dynamodb.TableV2(this, 'Table', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expiration',
      billing: dynamodb.Billing.onDemand(),
      encryption: dynamodb.TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
    });
    retain(this.table);
  }

  /** Lets a principal take, complete and release messages: the four actions that Powertools needs. */
  public grantUse(grantee: iam.IGrantable): iam.Grant {
    const actions = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map((action) => `dynamodb:${action}`);
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.table.tableArn] });
  }
}
