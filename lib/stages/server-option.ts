/**
 * What became of the single server on which the product started. Every stage after the first goes on declaring it until somebody
 * says, in writing, that it is no longer needed; its volume and backups stay even then.
 */
export class ServerOption {
  /** Database, cache and application are on the server; the default. */
  public static withDatabase(): ServerOption {
    return new ServerOption({ runs: true, holdsDatabase: true, servesTraffic: true });
  }

  /** The application and its cache are on the server, the database is Aurora from the first day. */
  public static withoutDatabase(): ServerOption {
    return new ServerOption({ runs: true, holdsDatabase: false, servesTraffic: false });
  }

  /**
   * The data was moved and the site is served by the services; the server still runs, so that one can go back.
   * @param record where the verification of the move is recorded
   */
  public static movedOut(record: string): ServerOption {
    return new ServerOption({ runs: true, holdsDatabase: true, servesTraffic: false, record });
  }

  /**
   * The server goes; its volume and its backups stay. CloudFormation refuses the deploy unless the move of the data left the record of
   * its verification (DataMove; not verified against AWS).
   * @param record why that is safe, such as that nobody wants to go back any more
   */
  public static retired(record: string): ServerOption {
    return new ServerOption({ runs: false, holdsDatabase: true, servesTraffic: false, record, needsMoveRecord: true });
  }

  /**
   * The same without the record of a move: the data was moved by other means, or was never on the server.
   * @param reason how it is known that nothing is left on the server
   */
  public static retiredWithoutRecord(reason: string): ServerOption {
    return new ServerOption({ runs: false, holdsDatabase: true, servesTraffic: false, record: reason });
  }

  /**
   * There never was a server, or its volume is not wanted any more: nothing of it is declared.
   * @param reason such as that the product starts at a later stage
   */
  public static never(reason: string): ServerOption {
    return new ServerOption({ runs: false, holdsDatabase: false, servesTraffic: false, record: reason, forgotten: true });
  }

  /** Whether the server runs. */
  public readonly runs: boolean;
  /** Whether the database is, or was, on the server. */
  public readonly holdsDatabase: boolean;
  /** Whether the site's address is the server's at stages that could serve it otherwise. */
  public readonly servesTraffic: boolean;
  /** Whether the server still takes jobs from the queue: not once its data has moved, for it would work on what is left behind. */
  public readonly worksOffJobs: boolean;
  /** Whether the server's volume and backups are declared. */
  public readonly keepsVolume: boolean;
  /** Whether a deploy needs the record that a move of the data was verified. */
  public readonly needsMoveRecord: boolean;
  /** What somebody wrote down about it. */
  public readonly record?: string;

  private constructor(option: ServerOptionProps) {
    if (option.record !== undefined && option.record.trim().split(/\s+/).length < 3) {
      throw new Error(`record must say why that is safe in three words or more, got: '${option.record}'`);
    }
    this.runs = option.runs;
    this.holdsDatabase = option.holdsDatabase;
    this.servesTraffic = option.servesTraffic;
    this.worksOffJobs = option.runs && (option.servesTraffic || !option.holdsDatabase);
    this.keepsVolume = !option.forgotten;
    this.needsMoveRecord = option.needsMoveRecord ?? false;
    this.record = option.record;
  }
}

interface ServerOptionProps {
  readonly runs: boolean;
  readonly holdsDatabase: boolean;
  readonly servesTraffic: boolean;
  readonly record?: string;
  readonly forgotten?: boolean;
  readonly needsMoveRecord?: boolean;
}
