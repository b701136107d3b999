import { Stack, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { replicaRegions } from './replica-regions';

/** Properties of a SharedTable. */
export interface SharedTableProps {
  /**
   * Further Regions that hold a full, writable copy.
   *
   * CloudFormation takes one new replica per update (AWS::DynamoDB::GlobalTable Replicas): three more Regions are three deploys.
   * @default - none
   */
  readonly replicaRegions?: string[];
}

/**
 * One table for what every Region must know at once: sessions, flags, idempotency marks.
 *
 * Born as `AWS::DynamoDB::GlobalTable`, for an `AWS::DynamoDB::Table` could never become one under the same logical id. Keys `pk`
 * and `sk` (text) and the time to live in `expiresAt` (epoch seconds) are for ever. Capacity on demand. Encrypted with the AWS
 * managed key: with keys of the account the primary stack would need the ARN of every replica Region's key, while those stacks
 * already wait for it. A local secondary index cannot be added later; none is here.
 *
 * @throws if a replica Region comes twice or is the table's own, or if there are replicas and the stack's Region is not known
 */
export class SharedTable extends Construct {
  /** The table, for grants, metrics and indexes. */
  public readonly table: dynamodb.TableV2;

  constructor(scope: Construct, id: string, props: SharedTableProps = {}) {
    super(scope, id);
    const replicas = replicaRegions(this, 'replicaRegions', props.replicaRegions);
    if (replicas.length > 0 && Token.isUnresolved(Stack.of(this).region)) {
      throw new Error(
        `replicaRegions need a stack whose Region is known, got ${replicas.length} of them: give the stack an env with a region`,
      );
    }
    this.table = new dynamodb.TableV2(this, 'Table', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billing: dynamodb.Billing.onDemand(),
      encryption: dynamodb.TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      replicas,
    });
    retain(this.table);
  }
}
