import { Duration } from 'aws-cdk-lib';
import { isTooShort } from '../operations/reason';

/** How a vault keeps its backups from being deleted, and within which bounds they may be kept. */
export class VaultLock {
  /**
   * Nobody without `backup:DeleteBackupVaultLockConfiguration` shortens the life of a backup. Can be taken off again.
   *
   * @param minRetention fewest days a backup is kept; 7 if not given
   * @param maxRetention most days; 400 if not given
   * @throws if they are no whole days from 1 to 36,500, or the other way round
   */
  public static governance(minRetention: Duration = Duration.days(7), maxRetention: Duration = Duration.days(400)): VaultLock {
    return new VaultLock(minRetention, maxRetention);
  }

  /**
   * Nobody at all, root user and AWS included, shortens the life of a backup, nor deletes the vault while one is in it: after
   * `coolingOff` this can never be undone, and every backup is paid for to its end (AWS Backup developer guide, vault lock).
   *
   * @param reason why, and who decided: a full sentence
   * @param minRetention fewest days a backup is kept; 7 if not given
   * @param maxRetention most days; 400 if not given
   * @param coolingOff days in which it can still be undone, at least 3; 30 if not given
   * @throws if the reason is too short to sign, or the days do not fit
   */
  public static compliance(
    reason: string,
    minRetention: Duration = Duration.days(7),
    maxRetention: Duration = Duration.days(400),
    coolingOff: Duration = Duration.days(30),
  ): VaultLock {
    if (isTooShort(reason)) {
      throw new Error(`reason '${reason}' is too short to sign: say why the lock must never be undone, and who decided`);
    }
    checkDays('coolingOff', coolingOff, 3);
    return new VaultLock(minRetention, maxRetention, coolingOff, reason);
  }

  private constructor(
    /** Fewest days a backup is kept; a job that wants fewer fails. */
    public readonly minRetention: Duration,
    /** Most days a backup is kept; a job that wants more fails. */
    public readonly maxRetention: Duration,
    /** How long the lock can still be undone; absent where it always can. */
    public readonly coolingOff?: Duration,
    /** Why it shall never be undone; absent where it can. */
    public readonly reason?: string,
  ) {
    checkDays('minRetention', minRetention, 1);
    checkDays('maxRetention', maxRetention, minRetention.toDays());
  }
}

/**
 * Checks a number of days against the bounds of AWS Backup.
 * @throws if it is no whole number of days from `least` to 36,500
 */
export function checkDays(name: string, duration: Duration, least: number, most: number = 36_500): void {
  if (duration.isUnresolved()) return;
  const days = duration.toDays({ integral: false });
  if (!Number.isInteger(days) || days < least || days > most) {
    throw new Error(`${name} must be a whole number of days from ${least} to ${most}, got ${days}: give another`);
  }
}
