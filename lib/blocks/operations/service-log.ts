import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { retain } from './retain';

/** Options of a log. */
export interface ServiceLogOptions {
  /**
   * Key for the log at rest, in the log's own Region. Giving or changing it later is an update in place; what was written before
   * stays as it is. The policy of a key made elsewhere must let CloudWatch Logs in, see `loggingService`.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Name, only where a service takes no other.
   * @default - given by CloudFormation
   */
  readonly logGroupName?: string;
}

/**
 * A log group as every block of this library makes one: kept for a year (PCI DSS 10.7; CT.CLOUDWATCH.PR.2), retained, and encrypted
 * with the product's key where it has one.
 *
 * @returns the log group, directly below `scope`, so that a block which made its own keeps its id
 */
export function serviceLog(scope: Construct, id: string, options: ServiceLogOptions = {}): logs.LogGroup {
  const { encryptionKey, logGroupName } = options;
  const logGroup = new logs.LogGroup(scope, id, { retention: logs.RetentionDays.ONE_YEAR, encryptionKey, logGroupName });
  retain(logGroup);
  if (!encryptionKey) return logGroup;
  encryptionKey.addToResourcePolicy(loggingService(scope));
  if (!keyOfTemplate(scope, encryptionKey)) {
    acknowledge(logGroup, {
      id: 'ControlTower::CT.CLOUDWATCH.PR.3',
      reason:
        'The control wants log groups encrypted with a key of the account, and takes only one that it can read as a text or that is ' +
        'an AWS::KMS::Key of the same template. This log group has such a key, named by a reference: a replica of the ' +
        "product's key in this Region, or a key of another stack.",
    });
  }
  return logGroup;
}

/** Whether a key is written out as a text, or made by the template that `scope` is in. */
export function keyOfTemplate(scope: Construct, key: kms.IKey): boolean {
  if (!Token.isUnresolved(key.keyArn)) return true;
  return key.node.defaultChild instanceof kms.CfnKey && Stack.of(key) === Stack.of(scope);
}

/** Lets CloudWatch Logs use a key for the log groups of this account and Region (CloudWatch Logs user guide, encrypt log data). */
export function loggingService(scope: Construct): iam.PolicyStatement {
  const { region, urlSuffix } = Stack.of(scope);
  return new iam.PolicyStatement({
    sid: 'LogsOfThisAccount',
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    principals: [new iam.ServicePrincipal(`logs.${region}.${urlSuffix}`)],
    resources: ['*'],
    conditions: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': Stack.of(scope).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: '*',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    },
  });
}
