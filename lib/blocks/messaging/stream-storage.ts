import { Aws } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * Lets the disks of the brokers grow.
 *
 * At the seeds' 2,000 events a second and broker and 1 KiB an event, threefold, a broker writes about 130 GiB in the six hours that
 * have to lie between two growths (Amazon MSK developer guide, automatic scaling); 40 % of the first 500 GiB bear that.
 */
export function growStorage(scope: Construct, clusterArn: string): void {
  const service = 'kafka.application-autoscaling.amazonaws.com';
  const role = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/aws-service-role/${service}/AWSServiceRoleForApplicationAutoScaling_KafkaCluster`;
  const target = new appscaling.ScalableTarget(scope, 'Storage', {
    serviceNamespace: appscaling.ServiceNamespace.KAFKA,
    scalableDimension: 'kafka:broker-storage:VolumeSize',
    resourceId: clusterArn,
    minCapacity: 1,
    // Amazon MSK quota for a standard broker.
    maxCapacity: 16384,
    role: iam.Role.fromRoleArn(scope, 'StorageRole', role, { mutable: false }),
  });
  target.scaleToTrackMetric('Growth', {
    policyName: 'storage-growth',
    predefinedMetric: appscaling.PredefinedMetric.KAFKA_BROKER_STORAGE_UTILIZATION,
    targetValue: 60,
    disableScaleIn: true,
  });
}
