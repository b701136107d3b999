import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { AppContract } from './app-contract';
import type { ProductImage } from './product-image';
import { productTask } from './product-task';
import { ServiceSize } from './service-size';

/** Properties of a MigrationTask. */
export interface MigrationTaskProps {
  /** Cluster in which the task runs. */
  readonly cluster: ecs.ICluster;
  /** Image to run; where its tag is a parameter, the task has one of its own, which is changed before the services' is. */
  readonly image: ProductImage;
  /** What the container gets as environment. */
  readonly contract: AppContract;
  /**
   * Subnets for the task.
   * @default - private subnets with egress
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * CPU and memory; its numbers of tasks mean nothing here.
   * @default ServiceSize.WORKER
   */
  readonly size?: ServiceSize;
  /**
   * Key for the log, in place at any time; the policy of a key made elsewhere must let CloudWatch Logs in.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * The product's image, started once with `PROCESS_TYPE=migrate` before a release serves: it changes the schema and ends with 0.
 *
 * Nothing runs it by itself. A `ReleaseRunbook` does; a person can, with `aws ecs run-task`. It gets the same contract as every
 * other process, must bear being started again, and must leave a schema on which the version that still serves can go on (expand
 * first, contract in a later release; docs/delivery.md).
 */
export class MigrationTask extends Construct implements ec2.IConnectable, iam.IGrantable {
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  public readonly logGroup: logs.LogGroup;
  public readonly cluster: ecs.ICluster;
  public readonly connections: ec2.Connections;
  /** Role of the running container. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** Subnets in which it runs. */
  public readonly subnetIds: string[];

  constructor(scope: Construct, id: string, props: MigrationTaskProps) {
    super(scope, id);
    this.cluster = props.cluster;
    const task = productTask(this, {
      image: props.image.migrateIn(this),
      contract: props.contract,
      processType: 'migrate',
      size: props.size ?? ServiceSize.WORKER,
      // Whoever stops it wants it to end a statement rather than to die in one.
      stopTimeout: Duration.seconds(120),
      encryptionKey: props.encryptionKey,
    });
    this.taskDefinition = task.taskDefinition;
    this.logGroup = task.logGroup;
    const { vpc } = props.cluster;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Migrations of the product' });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });
    this.grantPrincipal = this.taskDefinition.taskRole.grantPrincipal;
    this.subnetIds = vpc.selectSubnets(props.vpcSubnets ?? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }).subnetIds;
  }

  /** ARN of every revision of its task definition; ECS starts the newest where none is named. */
  public get anyRevisionArn(): string {
    return Stack.of(this).formatArn({
      service: 'ecs',
      resource: 'task-definition',
      resourceName: `${this.taskDefinition.family}:*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}
