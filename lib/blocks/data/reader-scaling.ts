import { Arn, ArnFormat, Duration, Stack, Token } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { nameScalingPolicies } from '../operations/scaling-policy-names';
import type { AuroraDatabase } from './aurora-database';
import { instancesOf } from './aurora-instances';

/** Properties of a ReaderScaling. */
export interface ReaderScalingProps {
  /** Database whose readers become more; it must have one. */
  readonly database: AuroraDatabase;
  /**
   * Readers at most, those of the template among them: from their number to 15.
   * @default - two more than the database has
   */
  readonly most?: number;
  /**
   * Processor use to keep, percent of the largest capacity, average of all readers: 10 to 90.
   * @default 70
   */
  readonly targetCpuUtilization?: number;
}

/**
 * More readers when those of a database have grown as far as they may.
 *
 * Serverless v2 grows each instance first; its processor use is of the *largest* capacity, so the target is reached only when growing
 * is almost over. A new reader costs the least capacity of the database at once (2 ACU: 0.24 USD an hour; prices of Aurora), takes
 * minutes to come, and new connections go to it: through the reader endpoint or the proxy's, not the writer's, not `reportingHost`.
 *
 * What is added here is not in the template: CloudFormation neither knows nor removes it, and scaling in never removes what the template
 * has (Aurora user guide, Aurora Auto Scaling). Metrics and alarms of the cluster cover it. It has the writer's class and
 * promotion tier 15. **Who takes this away, or climbs down, deletes added readers by hand**; their names start with
 * `application-autoscaling-`. In a global database each further Region takes one of the primary's 15 places. Not verified against AWS.
 *
 * @throws if the database has no reader, or a number does not fit
 */
export class ReaderScaling extends Construct {
  public readonly target: appscaling.ScalableTarget;
  /** Readers at most. */
  public readonly most: number;

  constructor(scope: Construct, id: string, props: ReaderScalingProps) {
    super(scope, id);
    const { database, targetCpuUtilization = 70 } = props;
    this.most = props.most ?? Math.min(database.readers + 2, 15);
    check(database.readers, this.most, targetCpuUtilization);
    const roleArn = Arn.format(
      {
        service: 'iam',
        region: '',
        resource: 'role',
        resourceName:
          'aws-service-role/rds.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_RDSCluster',
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      },
      Stack.of(this),
    );
    this.target = new appscaling.ScalableTarget(this, 'Target', {
      serviceNamespace: appscaling.ServiceNamespace.RDS,
      scalableDimension: 'rds:cluster:ReadReplicaCount',
      resourceId: `cluster:${database.clusterIdentifier}`,
      minCapacity: database.readers,
      maxCapacity: this.most,
      role: iam.Role.fromRoleArn(this, 'Role', roleArn, { mutable: false }),
    });
    // It counts the readers when it is registered.
    this.target.node.addDependency(...instancesOf(database.cluster));
    this.target.scaleToTrackMetric('Cpu', {
      predefinedMetric: appscaling.PredefinedMetric.RDS_READER_AVERAGE_CPU_UTILIZATION,
      targetValue: targetCpuUtilization,
      scaleOutCooldown: Duration.minutes(5),
      // A reader that goes takes its connections and its warm memory along.
      scaleInCooldown: Duration.minutes(30),
    });
    nameScalingPolicies(this);
  }
}

function check(readers: number, most: number, target: number): void {
  if (readers === 0) {
    throw new Error('database must have a reader to scale its readers, got none: give it readers of 1 or more');
  }
  if (!Token.isUnresolved(most) && !(Number.isInteger(most) && most >= readers && most <= 15)) {
    throw new Error(
      `most must be a whole number from ${readers}, the readers of the database, to 15, got ${most}: choose one in that range`,
    );
  }
  if (!Token.isUnresolved(target) && !(target >= 10 && target <= 90)) {
    throw new Error(`targetCpuUtilization must be 10 to 90 percent, got ${target}: choose one in that range`);
  }
}
