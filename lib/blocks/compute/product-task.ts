import { type Duration, Names, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge, sameReason } from '../operations/acknowledge';
import { acknowledgeOwnPolicies } from '../operations/own-policies';
import { serviceLog } from '../operations/service-log';
import type { AppContract, ContractSecret } from './app-contract';
import { acknowledgeFreedoms, containerRestrictions } from './container-restrictions';
import type { ProductImage } from './product-image';
import type { ServiceSize } from './service-size';

/** Name of the product's container in every task. */
export const CONTAINER = 'app';

/** What a task of the product is made of. */
export interface ProductTaskOptions {
  /** As the stack runs it. */
  readonly image: ProductImage;
  readonly contract: AppContract;
  readonly processType: string;
  readonly size: ServiceSize;
  readonly stopTimeout: Duration;
  readonly port?: number;
  readonly encryptionKey?: kms.IKey;
}

/** A task definition and its log. */
export interface ProductTask {
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly logGroup: logs.LogGroup;
}

/** One Arm task of the product's image: its log, its roles, its restrictions, and what the app contract tells it. */
export function productTask(scope: Construct, options: ProductTaskOptions): ProductTask {
  const { image, contract, processType, size, port } = options;
  const logGroup = serviceLog(scope, 'LogGroup', { encryptionKey: options.encryptionKey });
  const taskDefinition = new ecs.FargateTaskDefinition(scope, 'TaskDefinition', {
    // Spelled out, since CDK's own holds the path through the whole app.
    family: Names.uniqueResourceName(scope, { maxLength: 200, separator: '-' }),
    cpu: size.cpu,
    memoryLimitMiB: size.memoryMiB,
    runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
  });
  // No health check of the container itself: it needs a shell or a client in the image, which small images do not have, and would
  // ask what the load balancer asks anyway, whose verdict makes ECS replace a task. A worker that hangs shows as the age of jobs.
  taskDefinition.addContainer(CONTAINER, {
    image: image.containerImage,
    environment: { ...contract.environment, PROCESS_TYPE: processType },
    secrets: contract.containerSecrets(),
    portMappings: port === undefined ? [] : [{ containerPort: port }],
    logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: processType }),
    stopTimeout: options.stopTimeout,
    ...containerRestrictions(scope, { image, size, port }),
  });
  letDecrypt(taskDefinition, contract.secrets);
  acknowledgePolicies(taskDefinition, image);
  return { taskDefinition, logGroup };
}

/**
 * Lets ECS decrypt what it injects. CDK's own grant goes through the key's policy, which a key from elsewhere, such as a replica,
 * does not let it change, and then says nothing (aws/aws-cdk#10160).
 */
function letDecrypt(taskDefinition: ecs.FargateTaskDefinition, secrets: ContractSecret[]): void {
  const keys = new Set(secrets.flatMap(({ secret }) => secret.encryptionKey?.keyArn ?? []));
  for (const keyArn of keys) {
    taskDefinition.addToExecutionRolePolicy(
      new iam.PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(taskDefinition).region}.amazonaws.com` } },
      }),
    );
  }
}

function acknowledgePolicies(taskDefinition: ecs.FargateTaskDefinition, image: ProductImage): void {
  acknowledge(taskDefinition, {
    id: 'AwsSolutions::AwsSolutions-ECS2',
    reason:
      'The plain variables of the app contract are host names, ports and resource names, none of them secret. ' +
      'Every credential is injected from Secrets Manager by the execution role and stands in no template.',
  });
  acknowledgeOwnPolicies(taskDefinition);
  acknowledgeFreedoms(taskDefinition, image);
  if (image.repository) {
    acknowledge(
      taskDefinition.obtainExecutionRole(),
      ...sameReason(
        'ecr:GetAuthorizationToken knows no resource but *, and gives a token that opens only what the other statements name. ' +
          'Those are bound to the one repository, log group and secrets of this service.',
        'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
        'Cloudsplaining::CredentialsExposure',
      ),
    );
  }
}
