import type { IConstruct } from 'constructs';
import { acknowledge, inPacks, type PolicyAcknowledgement, sameReason } from '../operations/acknowledge';

/** One reason for every rule that wants a secret rotated. */
export function notRotated(reason: string): PolicyAcknowledgement[] {
  const rules = inPacks('SecretsManagerRotationEnabled', 'HIPAA.Security', 'NIST.800.53.R5');
  return sameReason(reason, 'AwsSolutions::AwsSolutions-SMG4', ...rules);
}

/** Records why a password that containers read when they start is not rotated. */
export function acknowledgeNoRotation(secret: IConstruct): void {
  acknowledge(
    secret,
    ...notRotated(
      'The rules want a password that leaked to be of use for some days only. Containers get this one when they start, and somebody ' +
        'has to replace them after a rotation. Where nothing can (a server that still runs, tasks in other Regions), or the product ' +
        'said no, it stays: generated, encrypted by the customer key, readable only by roles it is granted to, and usable only over ' +
        'TLS and from security groups that were let in.',
    ),
  );
}
