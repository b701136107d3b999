import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCE_BIN } from './binaries';
import { freePort, must, type Outcome, run } from './processes';

/** Who runs the servers. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Name of the database, and of the role that owns it on both sides: the defaults of both stages. */
export const DATABASE = 'app';

/** Passwords have what breaks a shell, a URL or a connection string that does not quote. */
export const PASSWORDS = { postgres: `super'& %41#/`, app: `s3cr3t'" $(false) \\@:/?%` };

/** A PostgreSQL server on the loopback. */
export class Postgres {
  public static async create(bin: string, folder: string, user: User, superuser: string): Promise<Postgres> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chownSync(folder, user.uid, user.gid);
    const options = ['--locale=C.UTF-8', '-E', 'UTF8', '-U', superuser, '--no-sync', '--wal-segsize=4', '-A', 'scram-sha-256'];
    const password = `${folder}.password`;
    writeFileSync(password, `${PASSWORDS.postgres}\n`);
    await must(`${bin}/initdb`, ['-D', folder, ...options, `--pwfile=${password}`], { ...user, cwd: '/' });
    return new Postgres(bin, folder, user, superuser, await freePort());
  }

  private constructor(
    private readonly bin: string,
    public readonly folder: string,
    private readonly user: User,
    private readonly superuser: string,
    public readonly port: number,
  ) {}

  private settings: Record<string, string> = {};

  /** Another server with the files of this one, which must not be running. */
  public async copy(folder: string): Promise<Postgres> {
    await must('cp', ['-a', '--reflink=auto', '--', this.folder, folder]);
    return new Postgres(this.bin, folder, this.user, this.superuser, await freePort());
  }

  public async start(settings: Record<string, string> = {}): Promise<void> {
    this.settings = settings;
    const all: Record<string, string> = {
      port: String(this.port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      // Survives a killed process, not a lost machine; no machine is lost here.
      fsync: 'off',
      max_wal_size: '4GB',
      ...settings,
    };
    const options = Object.entries(all).map(([name, value]) => `-c ${name}='${value}'`);
    const args = ['-D', this.folder, '-s', '-w', '-t', '60', '-l', join(this.folder, 'log'), '-o', options.join(' '), 'start'];
    const { code } = await run(`${this.bin}/pg_ctl`, args, {
      ...this.user,
      cwd: '/',
      env: { PATH: process.env.PATH, HOME: '/nonexistent' },
    });
    if (code !== 0) throw new Error(`PostgreSQL does not start: ${this.log()}`);
  }

  /** Starts it again as it was started, whether it still ran or not. */
  public async restart(settings: Record<string, string> = {}): Promise<void> {
    await this.stop();
    await this.start({ ...this.settings, ...settings });
  }

  /** Takes an extension out of what the server offers. */
  public hideExtension(name: string): void {
    rmSync(join(this.bin, `../share/postgresql/extension/${name}.control`), { force: true });
  }

  public async stop(mode: 'fast' | 'immediate' = 'immediate'): Promise<void> {
    if (!existsSync(join(this.folder, 'postmaster.pid'))) return;
    await run(`${this.bin}/pg_ctl`, ['-D', this.folder, '-s', '-w', '-m', mode, 'stop'], { ...this.user, cwd: '/' });
  }

  public async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The end of what the server logged. */
  public log(): string {
    const path = join(this.folder, 'log');
    return existsSync(path) ? readFileSync(path, 'utf8').slice(-3000) : '';
  }

  /** What the first group of an expression found in everything the server logged. */
  public logged(pattern: RegExp): string[] {
    return [...readFileSync(join(this.folder, 'log'), 'utf8').matchAll(pattern)].map((found) => found[1]);
  }

  /** What psql says to a script, as the superuser unless another role is named. */
  public async try(sql: string, role: Role = {}): Promise<Outcome> {
    return await run(`${SOURCE_BIN}/psql`, ['-qAtX', '-v', 'ON_ERROR_STOP=1', ...(role.variables ?? []), '-f', '-'], {
      env: this.environment(role),
      input: sql,
    });
  }

  /** What a script prints that must succeed. */
  public async sql(sql: string, role: Role = {}): Promise<string> {
    const { code, stdout, stderr } = await this.try(sql, role);
    if (code !== 0) throw new Error(`${sql.slice(0, 200)}: ${stderr.slice(-800)}`);
    return stdout.trim();
  }

  /** Environment of a client. */
  public environment({ user = this.superuser, password, database = DATABASE, port = this.port }: Role = {}): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      PGHOST: '127.0.0.1',
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password ?? (user === 'app' ? PASSWORDS.app : PASSWORDS.postgres),
      PGDATABASE: database,
      PGOPTIONS: '-c client_min_messages=warning',
    };
  }
}

/** Who asks what. */
export interface Role {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly port?: number;
  readonly variables?: string[];
}
