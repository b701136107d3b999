import { Lazy, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ServerSize } from '../../../lib/blocks/compute/server-size';

const ARM = new ec2.InstanceType('m7g.large');

describe('a server size', () => {
  test('for a thousand users is a t4g.small with 20 GiB', () => {
    expect(ServerSize.USERS_1K.instanceType.toString()).toBe('t4g.small');
    expect(ServerSize.USERS_1K.dataVolume.toGibibytes()).toBe(20);
  });

  test('can be of one’s own', () => {
    const size = ServerSize.of(ARM, Size.tebibytes(16));
    expect(size.instanceType).toBe(ARM);
    expect(size.dataVolume.toGibibytes()).toBe(16384);
  });

  test('refuses machines that are not Arm', () => {
    expect(() => ServerSize.of(new ec2.InstanceType('t3.small'), Size.gibibytes(20))).toThrow(
      new Error('instanceType must be an Arm (Graviton) type such as t4g.small, got: t3.small'),
    );
  });

  test.each([
    [Size.gibibytes(0), '0 GiB'],
    [Size.gibibytes(16385), '16385 GiB'],
    [Size.mebibytes(512), '0.5 GiB'],
  ])('refuses a volume that gp3 has not (%#)', (size, given) => {
    expect(() => ServerSize.of(ARM, size)).toThrow(
      new Error(`dataVolume must be a whole number of GiB from 1 to 16384, got: ${given}`),
    );
  });

  test('leaves what is not known yet alone', () => {
    const type = new ec2.InstanceType(Lazy.string({ produce: () => 'm7g.large' }));
    const size = Size.gibibytes(Lazy.number({ produce: () => 7 }));
    expect(() => ServerSize.of(type, size)).not.toThrow();
  });
});
