import type { CfnDBCluster } from 'aws-cdk-lib/aws-rds';
import type * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { automation } from '../operations/runbook';
import type { AuroraDatabase } from './aurora-database';

/** Properties of a DatabaseRestoreRunbook. */
export interface DatabaseRestoreRunbookProps {
  /** Database whose past is wanted. */
  readonly database: AuroraDatabase;
}

/**
 * Restores a database to a second of its past, into a **new** cluster beside the running one, with the same network, key and
 * parameters: nothing of the running one changes. People then compare, and copy back what was lost (docs/data.md).
 *
 * Runs with the rights of whoever starts it. The new cluster is protected from deletion, and belongs to no stack. Not verified against
 * AWS.
 */
export class DatabaseRestoreRunbook extends Construct {
  public readonly document: ssm.CfnDocument;

  constructor(scope: Construct, id: string, props: DatabaseRestoreRunbookProps) {
    super(scope, id);
    const { database } = props;
    const source = database.databaseCluster.node.defaultChild as CfnDBCluster;
    this.document = automation(this, 'Document', {
      description:
        '# Restore the database\nMakes a new cluster, with one instance, of what the database was at a second of its past. The running ' +
        'database is not touched.',
      parameters: {
        RestoreToTime: {
          type: 'String',
          description: 'UTC, as in 2026-11-22T04:05:06Z',
          allowedPattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$',
        },
        NewCluster: {
          type: 'String',
          description: 'Identifier of the cluster to make, as in restored-20261122',
          allowedPattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
          maxChars: 60,
        },
      },
      outputs: ['endpoint.Host'],
      mainSteps: [
        {
          name: 'restore',
          action: 'aws:executeAwsApi',
          inputs: {
            Service: 'rds',
            Api: 'RestoreDBClusterToPointInTime',
            SourceDBClusterIdentifier: database.clusterIdentifier,
            DBClusterIdentifier: '{{ NewCluster }}',
            RestoreToTime: '{{ RestoreToTime }}',
            DBSubnetGroupName: source.dbSubnetGroupName,
            VpcSecurityGroupIds: source.vpcSecurityGroupIds,
            DBClusterParameterGroupName: source.dbClusterParameterGroupName,
            KmsKeyId: database.encryptionKey.keyArn,
            ServerlessV2ScalingConfiguration: source.serverlessV2ScalingConfiguration && {
              MinCapacity: database.capacity.minCapacity,
              MaxCapacity: database.capacity.maxCapacity,
            },
            EnableIAMDatabaseAuthentication: true,
            EnableCloudwatchLogsExports: ['postgresql'],
            CopyTagsToSnapshot: true,
            DeletionProtection: true,
          },
        },
        available('clusterThere', 'DescribeDBClusters', '$.DBClusters[0].Status', { DBClusterIdentifier: '{{ NewCluster }}' }),
        {
          name: 'instance',
          action: 'aws:executeAwsApi',
          inputs: {
            Service: 'rds',
            Api: 'CreateDBInstance',
            DBInstanceIdentifier: '{{ NewCluster }}-1',
            DBClusterIdentifier: '{{ NewCluster }}',
            DBInstanceClass: 'db.serverless',
            Engine: 'aurora-postgresql',
            PubliclyAccessible: false,
            AutoMinorVersionUpgrade: false,
          },
        },
        available('instanceThere', 'DescribeDBInstances', '$.DBInstances[0].DBInstanceStatus', {
          DBInstanceIdentifier: '{{ NewCluster }}-1',
        }),
        {
          name: 'endpoint',
          action: 'aws:executeAwsApi',
          inputs: { Service: 'rds', Api: 'DescribeDBClusters', DBClusterIdentifier: '{{ NewCluster }}' },
          outputs: [{ Name: 'Host', Selector: '$.DBClusters[0].Endpoint', Type: 'String' }],
          isEnd: true,
        },
      ],
    });
  }
}

/** Waits for two hours at most. */
function available(name: string, Api: string, PropertySelector: string, of: { [name: string]: string }): object {
  return {
    name,
    action: 'aws:waitForAwsResourceProperty',
    timeoutSeconds: 7200,
    inputs: { Service: 'rds', Api, PropertySelector, DesiredValues: ['available'], ...of },
  };
}
