import { type Duration, Token } from 'aws-cdk-lib';

/** Which rows of a table are archived, and for how long what is archived is kept. */
export interface ArchivedTable {
  /** Name as PostgreSQL keeps it, with its schema unless that is `public`: `orders`, `billing.invoices`. */
  readonly table: string;
  /** Column with the date that counts: a date or timestamp, without a time zone read as UTC. It needs an index. */
  readonly by: string;
  /** Rows older than this go, by whole days of UTC: 1 to 36,500 days. */
  readonly olderThan: Duration;
  /**
   * How long an archived row is kept after it was archived: 1 to 36,500 whole days.
   * @default - for ever
   */
  readonly keepFor?: Duration;
  /**
   * When archived rows move to S3 Glacier Deep Archive, for a quarter of the price and an answer in 12 hours instead of at once; whole
   * days after they were archived, 90 at least, since S3 Glacier Instant Retrieval is charged for 90 days.
   * @default - never
   */
  readonly deepArchiveAfter?: Duration;
}

const NAME = /^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/;

/** Schema and table. */
export function fullName(table: string): string {
  return table.includes('.') ? table : `public.${table}`;
}

/** @throws if a table does not fit, is named twice, or there is none */
export function checkArchivedTables(tables: ArchivedTable[], immutable: boolean): void {
  if (tables.length === 0) throw new Error('tables must name what is archived, got none: name a table, or leave the archive out');
  const names = tables.map(({ table }) => fullName(table));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`tables must name a table once, got ${twice} twice: join the two`);
  for (const each of tables) checkTable(each, immutable);
}

function checkTable({ table, by, olderThan, keepFor, deepArchiveAfter }: ArchivedTable, immutable: boolean): void {
  if (!NAME.test(table)) {
    throw new Error(`table must be lower-case letters, digits and underscores, with a schema at most, got '${table}': rename it`);
  }
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(by)) {
    throw new Error(`by must be a column in lower-case letters, digits and underscores, got '${by}': rename it`);
  }
  checkDays('olderThan', olderThan, 1);
  checkDays('keepFor', keepFor, 1);
  checkDays('deepArchiveAfter', deepArchiveAfter, 90);
  if (keepFor && deepArchiveAfter && deepArchiveAfter.toDays() + 180 > keepFor.toDays()) {
    throw new Error(
      `keepFor must be 180 days longer than deepArchiveAfter, for which S3 charges, got ${keepFor.toDays()} and ${deepArchiveAfter.toDays()} days: leave deepArchiveAfter out`,
    );
  }
  if (immutable && !keepFor) {
    throw new Error(
      `keepFor must be given where the archive is immutable, got none for ${table}: say for how long nobody may delete`,
    );
  }
}

function checkDays(prop: string, duration: Duration | undefined, least: number): void {
  if (!duration || duration.isUnresolved()) return;
  const days = duration.toDays({ integral: false });
  if (!Token.isUnresolved(days) && !(Number.isInteger(days) && days >= least && days <= 36_500)) {
    throw new Error(`${prop} must be ${least} to 36500 whole days, got ${days}: choose a whole number in that range`);
  }
}
