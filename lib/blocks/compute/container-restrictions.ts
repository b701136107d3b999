import { Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct, IConstruct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import type { ProductImage } from './product-image';
import type { ServiceSize } from './service-size';

/** A quarter of the smallest task: what is given where the size is known only at the deploy. */
const LEAST_TMP_MIB = 128;

/** What decides how far a container is restricted. */
export interface RestrictedContainer {
  readonly image: ProductImage;
  readonly size: ServiceSize;
  /** @default - listens on none */
  readonly port?: number;
}

/** What a container may not do, as options of a container definition. */
export type ContainerRestrictions = Pick<
  ecs.ContainerDefinitionOptions,
  'user' | 'readonlyRootFilesystem' | 'memoryLimitMiB' | 'linuxParameters' | 'systemControls'
>;

/** Restricts a container to an ordinary user and to files it cannot write, but for `/tmp`, unless its image says otherwise. */
export function containerRestrictions(scope: Construct, { image, size, port }: RestrictedContainer): ContainerRestrictions {
  const readonly = image.writableReason === undefined;
  const linuxParameters = new ecs.LinuxParameters(scope, 'LinuxParameters', { initProcessEnabled: true });
  if (readonly) {
    linuxParameters.addTmpfs({
      // In memory and not a volume, which on Fargate belongs to root whoever runs the container (aws/containers-roadmap#938; Fargate
      // takes tmpfs since January 2026, aws/containers-roadmap#736).
      containerPath: '/tmp',
      // Counts as the task's memory, as far as it is filled.
      size: Token.isUnresolved(size.memoryMiB) ? LEAST_TMP_MIB : size.memoryMiB / 4,
      mountOptions: [ecs.TmpfsMountOption.NOSUID, ecs.TmpfsMountOption.NODEV, ecs.TmpfsMountOption.NOEXEC],
    });
  }
  return {
    user: image.user,
    readonlyRootFilesystem: readonly,
    // The task's own limit: a container that somebody adds has to be given its share of it.
    memoryLimitMiB: size.memoryMiB,
    linuxParameters,
    // What Docker sets on the single server: anybody may listen below 1024, where else only root may (Amazon ECS developer guide,
    // system controls).
    systemControls: low(port) ? [{ namespace: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] : undefined,
  };
}

/** Records what an image says about the restrictions it cannot live with. */
export function acknowledgeFreedoms(taskDefinition: IConstruct, { ownUserReason, writableReason }: ProductImage): void {
  if (ownUserReason !== undefined) acknowledge(taskDefinition, { id: 'ControlTower::CT.ECS.PR.3', reason: ownUserReason });
  if (writableReason !== undefined) acknowledge(taskDefinition, { id: 'ControlTower::CT.ECS.PR.6', reason: writableReason });
}

/** Whether only root may listen on a port where nobody says otherwise. */
function low(port: number | undefined): boolean {
  return port !== undefined && !Token.isUnresolved(port) && port < 1024;
}
