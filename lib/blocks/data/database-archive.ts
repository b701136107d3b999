import type { ArchivedTable } from './archived-table';

/**
 * Which old rows leave the database, and what becomes of them.
 *
 * **From then on the archive holds the only copy of them**: backups of the database forget them after their own retention, and the bucket is
 * in no backup unless `audit.fileBackups` is true. What somebody deletes by mistake is a version for 30 days; with `immutable` nobody can
 * delete it before its time. Neither helps where the product's key is deleted.
 */
export interface DatabaseArchive {
  /** At least one. A table that is taken out is archived no more; what was archived stays, and its retention rule goes. */
  readonly tables: ArchivedTable[];
  /**
   * Whether nobody can delete an archived row before its `keepFor` is over (S3 Object Lock, compliance mode). Decide before the first
   * deploy.
   * @default false
   */
  readonly immutable?: boolean;
  /**
   * Whether rows are archived. False stops it and keeps what is archived; to leave `archive` out later would orphan the bucket, which
   * the promotion check refuses.
   * @default true
   */
  readonly runs?: boolean;
}
