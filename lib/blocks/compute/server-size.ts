import { Size, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** Machine type of the server, and how much its data volume holds. */
export class ServerSize {
  /**
   * t4g.small (2 vCPU, 2 GiB) and 20 GiB: up to 1,000 users, about 10 of them at the same time, for about 20 USD a month in
   * us-east-1 (seed: one server at 20 USD a month, 10 concurrent users).
   */
  public static readonly USERS_1K = new ServerSize(new ec2.InstanceType('t4g.small'), Size.gibibytes(20));

  /**
   * A size of your own.
   * @param instanceType an Arm (Graviton) type, because the image of the server's system is one for Arm
   * @param dataVolume whole GiB, 1 to 16,384; it can grow in place later, never shrink
   * @throws if the type is not an Arm type, or the volume does not fit
   */
  public static of(instanceType: ec2.InstanceType, dataVolume: Size): ServerSize {
    return new ServerSize(instanceType, dataVolume);
  }

  private constructor(
    /** Machine type. */
    public readonly instanceType: ec2.InstanceType,
    /** Size of the volume for everything that must last. */
    public readonly dataVolume: Size,
  ) {
    const type = instanceType.toString();
    if (!Token.isUnresolved(type) && instanceType.architecture !== ec2.InstanceArchitecture.ARM_64) {
      throw new Error(`instanceType must be an Arm (Graviton) type such as t4g.small, got: ${type}`);
    }
    checkVolumeSize('dataVolume', dataVolume);
  }
}

/** @throws if a size is not one that a gp3 volume can have (CDK's own bound; AWS has raised its own since) */
export function checkVolumeSize(prop: string, size: Size): void {
  if (size.isUnresolved()) return;
  const bytes = size.toBytes();
  const gib = bytes / 1024 ** 3;
  if (!Number.isInteger(gib) || gib < 1 || gib > 16_384) {
    throw new Error(`${prop} must be a whole number of GiB from 1 to 16384, got: ${gib} GiB`);
  }
}
