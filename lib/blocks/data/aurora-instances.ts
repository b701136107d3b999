import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnDBInstance } from 'aws-cdk-lib/aws-rds';
import type { Construct, IConstruct } from 'constructs';
import { acknowledge, acknowledgeWildcards, inPacks, sameReason } from '../operations/acknowledge';

/** How often an instance reports its processes, memory and disks: the longest interval, which costs the least. */
export const MONITORING_INTERVAL = Duration.seconds(60);

/** Where RDS writes what instances report (Aurora user guide, viewing OS metrics using CloudWatch Logs). */
const MONITORING_LOG = 'RDSOSMetrics';

/** How RDS writes what instances report. */
export interface Monitoring {
  readonly role: iam.Role;
  /** Comes after the role, and before the instances: RDS tries the role when it makes one. */
  readonly policy: iam.ManagedPolicy;
}

/**
 * The role by which RDS writes what the operating systems of instances report. Like the AWS managed policy for it, but for the
 * one log group of this account and Region.
 */
export function monitoring(scope: Construct): Monitoring {
  const stack = Stack.of(scope);
  const role = new iam.Role(scope, 'MonitoringRole', {
    description: 'Lets RDS write what the instances of the product database report',
    assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  });
  const log = `arn:${stack.partition}:logs:${stack.region}:${stack.account}:log-group:${MONITORING_LOG}:*`;
  const policy = new iam.ManagedPolicy(role, 'Policy', {
    description: 'Writes what the instances of the product database report',
    roles: [role],
    statements: [
      new iam.PolicyStatement({
        actions: [
          'logs:CreateLogGroup',
          'logs:PutRetentionPolicy',
          'logs:CreateLogStream',
          'logs:DescribeLogStreams',
          'logs:GetLogEvents',
          'logs:PutLogEvents',
        ],
        resources: [log],
      }),
    ],
  });
  acknowledgeWildcards(
    policy,
    'RDS names a log stream after each instance, which is known only once the instance exists, so the wildcard stands for the ' +
      'streams of one log group; the actions are the six of the AWS managed policy, which would allow every group that begins with RDS.',
    log,
  );
  return { role, policy };
}

/**
 * What to wait for where a cluster has to answer. Not the cluster: whoever names it waits for it anyway, and cfn-lint warns of what is
 * said twice (W3005).
 */
export function instancesOf(cluster: IConstruct): CfnDBInstance[] {
  return cluster.node.findAll().filter((child): child is CfnDBInstance => child instanceof CfnDBInstance);
}

/** Records why instances of Aurora stay at the version of the code and are in no backup plan. */
export function acknowledgeInstance(instance: IConstruct): void {
  acknowledge(
    instance,
    ...sameReason(
      'The rules want fixes of the engine without a person having to act. Here the version stands in the code and an upgrade is a ' +
        'deploy in place, because a cluster of another Region can join and take over only with the very version of the primary ' +
        '(Aurora user guide, upgrading an Aurora global database), and the code could not name a version that moves by itself. ' +
        'RDS reports pending upgrades, and raises a version on its own once the support for it ends.',
      ...inPacks('RDSAutomaticMinorVersionUpgradeEnabled', 'HIPAA.Security', 'PCI.DSS.321'),
      'ControlTower::CT.RDS.PR.5',
    ),
    ...sameReason(
      'The rules look for the instance in a plan of AWS Backup, which backs up Aurora by cluster only, since the data is in the ' +
        "cluster's storage and not in an instance. Aurora backs that storage up without pause, so that any second of the cluster's " +
        'backup retention can be restored, and the cluster is protected from deletion and kept by every deploy. A copy under ' +
        'another account or a vault lock is not made.',
      ...inPacks('RDSInBackupPlan', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5'),
    ),
  );
}
