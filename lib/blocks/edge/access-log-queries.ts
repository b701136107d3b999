import { Names, Size, Stack, Token } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { CONTENT_DELIVERY_LOGS, LOAD_BALANCER_LOGS, type LogBucket, QUERY_RESULTS } from '../operations/log-bucket';
import { retain } from '../operations/retain';
import { CONTENT_DELIVERY_QUESTIONS, LOAD_BALANCER_QUESTIONS, type LogQuestion } from './access-log-questions';
import { contentDeliveryTable, loadBalancerTable } from './access-log-tables';
import { deliversLogsTo } from './content-delivery';

/** Properties of AccessLogQueries. */
export interface AccessLogQueriesProps {
  readonly logBucket: LogBucket;
  /**
   * Whether CloudFront logs to the bucket too. In an opt-in Region it does not.
   * @default true
   */
  readonly contentDelivery?: boolean;
  /**
   * Most that one query may read, from 10 MB; Athena ends a query that wants more. A terabyte costs 5 USD (prices of us-east-1).
   * @default Size.gibibytes(100) - half a dollar a query
   */
  readonly bytesPerQuery?: Size;
  /**
   * Key for the answers; whoever asks needs `kms:GenerateDataKey` and `kms:Decrypt` with it.
   * @default - Amazon S3's own key
   */
  readonly encryptionKey?: kms.IKey;
}

/** Least limit of a workgroup (Athena API reference, BytesScannedCutoffPerQuery). */
const LEAST_BYTES = 10_000_000;

/**
 * The access logs as tables, with the questions that an incident raises ready to be asked in Athena. Nothing here costs before the
 * first question. Answers lie in the log bucket and expire after a week.
 *
 * @throws if the limit of a query is below what Athena takes
 */
export class AccessLogQueries extends Construct {
  public readonly workgroup: athena.CfnWorkGroup;
  public readonly database: glue.CfnDatabase;

  constructor(scope: Construct, id: string, props: AccessLogQueriesProps) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    const { bucket, retention } = props.logBucket;
    const bytes = (props.bytesPerQuery ?? Size.gibibytes(100)).toBytes();
    if (bytes < LEAST_BYTES) {
      throw new Error(`bytesPerQuery must be at least 10 MB, which is the least that Athena takes, got ${bytes} bytes`);
    }
    this.database = new glue.CfnDatabase(this, 'Database', {
      catalogId: account,
      databaseInput: { name: sqlName(this), description: 'Access logs' },
    });
    retain(this.database);
    this.workgroup = new athena.CfnWorkGroup(this, 'Workgroup', {
      name: Names.uniqueResourceName(this, { maxLength: 100, separator: '-' }),
      description: 'Questions to the access logs',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: bytes,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${bucket.bucketName}/${QUERY_RESULTS}/`,
          expectedBucketOwner: account,
          encryptionConfiguration: props.encryptionKey
            ? { encryptionOption: 'SSE_KMS', kmsKey: props.encryptionKey.keyArn }
            : { encryptionOption: 'SSE_S3' },
        },
      },
    });
    acknowledgeKey(this.workgroup, props.encryptionKey);
    const at = (prefix: string) => `s3://${bucket.bucketName}/${prefix}/`;
    this.table(
      'LoadBalancer',
      loadBalancerTable(at(`${LOAD_BALANCER_LOGS}/AWSLogs/${account}/elasticloadbalancing/${region}`), retention.toDays()),
    );
    for (const question of LOAD_BALANCER_QUESTIONS) this.ask(question);
    if (!(props.contentDelivery ?? true) || !deliversLogsTo(region)) return;
    this.table('ContentDelivery', contentDeliveryTable(at(CONTENT_DELIVERY_LOGS)));
    for (const question of CONTENT_DELIVERY_QUESTIONS) this.ask(question);
  }

  private table(id: string, tableInput: glue.CfnTable.TableInputProperty): void {
    const table = new glue.CfnTable(this, `${id}Table`, {
      catalogId: Stack.of(this).account,
      databaseName: this.database.ref,
      tableInput,
    });
    retain(table);
  }

  private ask({ id, name, description, query }: LogQuestion): void {
    new athena.CfnNamedQuery(this, id, {
      name,
      description,
      database: this.database.ref,
      workGroup: this.workgroup.ref,
      queryString: query.trim(),
    });
  }
}

/** The control takes a key that it can read as a text, or that is made in the same template. */
function acknowledgeKey(workgroup: athena.CfnWorkGroup, key?: kms.IKey): void {
  if (key && !Token.isUnresolved(key.keyArn)) return;
  if (key && key.node.defaultChild instanceof kms.CfnKey && Stack.of(key) === Stack.of(workgroup)) return;
  acknowledge(workgroup, {
    id: 'ControlTower::CT.ATHENA.PR.2',
    reason: key
      ? 'The control wants a key whose use the account controls and takes only one that it can read as a text or that is a key of the ' +
        'same template. The workgroup has such a key; it is a replica of the one of another Region, or is made by another stack.'
      : 'The control wants a key whose use the account controls. Nobody gave this block one; the answers are encrypted with AES-256 ' +
        'by Amazon S3, as the logs are that they come from, which no other key can be for, and are deleted after a week.',
  });
}

/** Athena takes small letters, digits and underscores in names (Athena user guide, names for databases, tables and columns). */
function sqlName(scope: Construct): string {
  return Names.uniqueResourceName(scope, { maxLength: 100, separator: '_', allowedSpecialCharacters: '_' }).toLowerCase();
}
