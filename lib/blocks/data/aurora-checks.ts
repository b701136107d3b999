import { type Duration, Token } from 'aws-cdk-lib';

/** @throws if the reader that is kept for reports is not there */
export function checkReporting(readers: number, reportingReader?: boolean): void {
  if (!reportingReader || readers >= 2) return;
  throw new Error(
    `reportingReader needs readers of 2 or more, got ${readers}: raise readers (the first takes over from the writer, the second reports)`,
  );
}

/** @throws if PostgreSQL or RDS would refuse the name */
export function checkDatabaseName(name: string): void {
  if (!Token.isUnresolved(name) && !/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name)) {
    throw new Error(
      `databaseName must be 1 to 63 letters, digits and underscores and not start with a digit, got '${name}': rename it`,
    );
  }
}

/** @throws if Aurora would refuse the retention */
export function checkRetention(retention: Duration): void {
  if (retention.isUnresolved()) return;
  const days = retention.toDays({ integral: false });
  if (!Number.isInteger(days) || days < 1 || days > 35) {
    throw new Error(`backupRetention must be 1 to 35 whole days, got ${days} days: choose a whole number in that range`);
  }
}
