/** What of the use of a product's files and tables is recorded. */
export class AuditedEvents {
  /** Nothing: for an account whose own trail records data events. */
  public static readonly NONE = new AuditedEvents(false, false, false);
  /** Who writes and deletes files: next to nothing, because deploys and dumps write them. */
  public static readonly FILE_WRITES = new AuditedEvents(true, false, false);
  /** Who writes and deletes files and items of the tables. Every write of a visitor costs. */
  public static readonly WRITES = new AuditedEvents(true, true, false);
  /** Who reads them too. Every request that reads an item, or a file that is not in the cache of the CDN, costs. */
  public static readonly ALL = new AuditedEvents(true, true, true);

  private constructor(
    /** Whether files are watched. */
    public readonly ofFiles: boolean,
    /** Whether items of the tables are watched. */
    public readonly ofItems: boolean,
    /** Whether reads are recorded too. */
    public readonly reads: boolean,
  ) {}
}
