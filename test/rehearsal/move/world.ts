import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireMachine, SOURCE_BIN, type TARGET_VERSIONS, targetBinaries } from './binaries';
import { Link } from './link';
import { DATABASE, PASSWORDS, Postgres, type User } from './postgres';
import { must, postgresUser, run } from './processes';
import { certificates } from './redis';

/** How much there is to move: the rows of the largest table. */
export const SIZES = { large: 460_000, small: 2_000 } as const;

export type Size = keyof typeof SIZES;

/** What all cases start from: servers that are made once, and copied for each. */
export class Templates {
  public static async make(): Promise<Templates> {
    requireMachine();
    const folder = mkdtempSync(join(tmpdir(), 'move-rehearsal-'));
    chmodSync(folder, 0o755);
    const user = await postgresUser();
    return new Templates(folder, user, await certificates(folder, user));
  }

  private readonly sources = new Map<Size, Postgres>();
  private readonly targets = new Map<number, Postgres>();
  private cases = 0;

  private constructor(
    public readonly folder: string,
    public readonly user: User,
    public readonly tls: { ca: string; certificate: string; key: string },
  ) {}

  public async world(options: WorldOptions = {}): Promise<World> {
    const folder = join(this.folder, `case-${++this.cases}`);
    mkdirSync(folder);
    if (options.targetDisk) await mount(join(folder, 'target'), options.targetDisk, this.user);
    const source = await (await this.source(options.size ?? 'small')).copy(join(folder, 'source'));
    const target = await (await this.target(options.targetVersion ?? 16)).copy(
      join(folder, options.targetDisk ? 'target/data' : 'target'),
    );
    const world = new World(folder, source, target, await Link.open(target.port), await Link.open(source.port));
    try {
      await source.start({ ...this.tlsSettings(), wal_level: 'logical', wal_sender_timeout: '5s', ...options.sourceSettings });
      const retry = { wal_receiver_timeout: '5s', wal_retrieve_retry_interval: '200ms' };
      await target.start({ ...this.tlsSettings(), ...retry, ...options.targetSettings });
    } catch (error) {
      await world.remove();
      throw error;
    }
    return world;
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private tlsSettings(): Record<string, string> {
    return { ssl: 'on', ssl_cert_file: this.tls.certificate, ssl_key_file: this.tls.key };
  }

  /** A source with its data set, made when it is first asked for. */
  private async source(size: Size): Promise<Postgres> {
    const made = this.sources.get(size);
    if (made) return made;
    const server = await Postgres.create(SOURCE_BIN, join(this.folder, `source-${size}`), this.user, 'postgres');
    await server.start({ autovacuum: 'off' });
    const password = PASSWORDS.app.replaceAll("'", "''");
    await server.sql(`CREATE ROLE app LOGIN PASSWORD '${password}'; CREATE DATABASE ${DATABASE} OWNER app;`, {
      database: 'postgres',
    });
    const rows = ['-v', `rows=${SIZES[size]}`];
    await server.sql(readFileSync(join(__dirname, 'data-set.sql'), 'utf8'), { variables: rows });
    await server.stop('fast');
    this.sources.set(size, server);
    return server;
  }

  /** An empty target, made when it is first asked for. */
  private async target(major: keyof typeof TARGET_VERSIONS): Promise<Postgres> {
    const made = this.targets.get(major);
    if (made) return made;
    const native = join(this.folder, `postgresql-${major}`);
    // Where the servers' user may read it, wherever this repository lies.
    await must('cp', ['-a', '--reflink=auto', join(targetBinaries(major), '..'), native]);
    await must('chmod', ['-R', 'a+rX', native]);
    // As Aurora's: a superuser that nobody else is, and no role postgres.
    const server = await Postgres.create(`${native}/bin`, join(this.folder, `target-${major}`), this.user, 'rdsadmin');
    await server.start();
    await server.sql(master(major), { database: 'postgres' });
    await server.stop('fast');
    this.targets.set(major, server);
    return server;
  }
}

/**
 * The master user of an Aurora cluster: no superuser, but a member of rds_superuser, who may make roles, databases and
 * subscriptions; the owner of the database. (Which roles rds_superuser is a member of was read in Amazon's documentation, not on Aurora.)
 */
function master(major: number): string {
  const subscriptions = major >= 16 ? 'GRANT pg_create_subscription, pg_checkpoint TO rds_superuser;' : '';
  return `
    CREATE ROLE rds_superuser NOLOGIN;
    GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION;
    ${subscriptions}
    CREATE ROLE app LOGIN CREATEDB CREATEROLE PASSWORD '${PASSWORDS.app.replaceAll("'", "''")}' IN ROLE rds_superuser;
    CREATE DATABASE ${DATABASE} OWNER app;`;
}

/** A disk of a few megabytes, in memory. */
export async function mount(folder: string, size: string, user: User): Promise<void> {
  mkdirSync(folder);
  await must('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0711,uid=${user.uid},gid=${user.gid}`, 'tmpfs', folder]);
}

export interface WorldOptions {
  /** Size of the target's disk, such as 64m; as large as this machine's unless it is said. */
  readonly targetDisk?: string;
  readonly size?: Size;
  readonly targetVersion?: keyof typeof TARGET_VERSIONS;
  readonly sourceSettings?: Record<string, string>;
  readonly targetSettings?: Record<string, string>;
}

/** Two servers and the lines between them. */
export class World {
  /** Where the move keeps its records. */
  public readonly state: string;

  public constructor(
    public readonly folder: string,
    public readonly source: Postgres,
    public readonly target: Postgres,
    /** From the machine to the cluster. */
    public readonly toTarget: Link,
    /** From the cluster to the machine. */
    public readonly toSource: Link,
  ) {
    this.state = join(folder, 'state');
  }

  /** What has to end with it. */
  public readonly closing: (() => void | Promise<void>)[] = [];

  public async remove(): Promise<void> {
    for (const close of this.closing) await close();
    await Promise.all([this.source.stop(), this.target.stop(), this.toTarget.close(), this.toSource.close()]);
    for (const disk of ['target', 'state']) await run('umount', ['-q', join(this.folder, disk)]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
