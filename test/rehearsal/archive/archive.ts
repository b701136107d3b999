import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const BINARIES = '/usr/lib/postgresql/15/bin';
const PROGRAM = join(__dirname, '../../../lib/blocks/data/archive-rows.py');
const PATH = '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Which rows of a table are old. */
export interface Rule {
  readonly table: string;
  readonly by: string;
  readonly days: number;
  readonly keep: number;
}

/** What goes wrong in a run. */
export interface Trouble {
  /** At which call of the program, and on which side of it. */
  readonly at?: number;
  readonly when?: 'before' | 'after';
  readonly how: 'die' | 'fail' | 'damage' | 'nothing';
}

/** What a run said, and what was where after it. */
export interface After {
  readonly said: string;
  readonly left: number[];
  readonly archived: number[];
  readonly pending: number;
}

function postgres(command: string, options: string[], input?: string): string {
  const quiet = command === 'pg_ctl' ? 'ignore' : 'pipe';
  const { status, stdout, stderr } = spawnSync('runuser', ['-u', 'postgres', '--', join(BINARIES, command), ...options], {
    encoding: 'utf8',
    cwd: '/',
    input,
    // A server that stays would hold the pipes.
    stdio: [input === undefined ? 'ignore' : 'pipe', quiet, quiet],
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ended with ${status} (this rehearsal needs root and postgresql-15): ${stdout}${stderr}`);
}

/** A real PostgreSQL, a bucket, and the program between them. */
export class Archive {
  private readonly folder = mkdtempSync(join(tmpdir(), 'archive-'));
  private readonly data = join(this.folder, 'data');

  constructor() {
    cpSync(PROGRAM, join(this.folder, 'index.py'));
    cpSync(join(__dirname, 'boto3.py'), join(this.folder, 'boto3.py'));
    chmodSync(this.folder, 0o755);
    spawnSync('chown', ['postgres', this.folder]);
    postgres('initdb', ['-D', this.data, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
    const settings = `-c listen_addresses= -c unix_socket_directories=${this.folder} -c fsync=off`;
    postgres('pg_ctl', ['-D', this.data, '-w', '-l', join(this.folder, 'log'), '-o', settings, 'start']);
    this.clear();
  }

  /** An empty database and an empty bucket. */
  public clear(): void {
    for (const name of ['bucket', 'calls', 'locks']) rmSync(join(this.folder, name), { recursive: true, force: true });
    mkdirSync(join(this.folder, 'bucket'));
    postgres(
      'psql',
      ['-h', this.folder, '-qX', 'postgres'],
      'DROP DATABASE IF EXISTS shop WITH (FORCE);\nCREATE DATABASE shop;\n',
    );
  }

  /** What psql prints; throws where it fails. */
  public sql(text: string): string {
    return postgres('psql', ['-h', this.folder, '-qAtX', '-v', 'ON_ERROR_STOP=1', '-f', '-', 'shop'], text).trim();
  }

  /** A session that runs a script beside everything else. */
  public session(text: string): ChildProcess {
    const session = spawn('runuser', ['-u', 'postgres', '--', join(BINARIES, 'psql'), '-h', this.folder, '-qAtX', 'shop'], {
      cwd: '/',
    });
    session.stdin.end(text);
    return session;
  }

  /** Runs the program once: nothing, `died`, or the last line of what it said. */
  public run(rules: Rule[], trouble?: Trouble, settings: Record<string, string> = {}): string {
    const { status, stderr } = spawnSync('python3', this.arguments(), {
      ...this.options(rules, trouble, settings),
      encoding: 'utf8',
    });
    if (status === 9) return 'died';
    return status === 0 ? '' : stderr.trim().split('\n').at(-1)!;
  }

  /**
   * Plays scenarios, each afresh: the states after each of their runs.
   * @param left SQL for the ids that are in the table
   */
  public play(rules: Rule[], start: string, left: string, scenarios: Trouble[][]): After[][] {
    const input = JSON.stringify({
      start,
      left,
      scenarios: scenarios.map((runs) => runs.map(({ at, when, how }) => ({ at, when, how }))),
    });
    const { env, cwd } = this.options(rules, undefined, {});
    const drive = join(__dirname, 'drive.py');
    const { status, stdout, stderr } = spawnSync('python3', [drive], { env, cwd, input, encoding: 'utf8', maxBuffer: 1e9 });
    if (status !== 0) throw new Error(stderr);
    // The program prints what it archived.
    const states = stdout
      .split('\n')
      .filter((line) => line.startsWith('{"said"'))
      .map((line) => JSON.parse(line) as After);
    return scenarios.map((runs) => states.splice(0, runs.length));
  }

  /** Starts it beside everything else; ends with its exit code. */
  public start(rules: Rule[], settings: Record<string, string> = {}): Promise<number | null> {
    const { cwd, env } = this.options(rules, undefined, settings);
    const child = spawn('python3', this.arguments(), { cwd, env, stdio: 'ignore' });
    return new Promise((resolve) => child.once('close', resolve));
  }

  private arguments(): string[] {
    const context = 'type("Context", (), {"get_remaining_time_in_millis": lambda self: 900_000})()';
    return ['-c', `import index\nindex.handler({}, ${context})`];
  }

  private options(rules: Rule[], trouble: Trouble | undefined, settings: Record<string, string>) {
    return {
      cwd: this.folder,
      env: {
        PATH: process.env.PATH ?? PATH,
        PYTHONPATH: this.folder,
        PYTHONDONTWRITEBYTECODE: '1',
        DOUBLE_FOLDER: this.folder,
        DOUBLE_DSN: `host=${this.folder} dbname=shop user=postgres`,
        DOUBLE_AT: String(trouble?.at ?? ''),
        DOUBLE_WHEN: trouble?.when ?? '',
        DOUBLE_HOW: trouble?.how ?? '',
        CLUSTER: 'arn:cluster',
        SECRET: 'arn:secret',
        DATABASE: 'shop',
        BUCKET: 'bucket',
        PAUSE: '0.2',
        ROWS: '3',
        RULES: JSON.stringify(rules),
        ...settings,
      } as NodeJS.ProcessEnv,
    };
  }

  /** What it called in all runs since the last `clear`. */
  public get calls(): string[] {
    return this.lines('calls');
  }

  /** How objects were locked. */
  public get locks(): string[] {
    return this.lines('locks');
  }

  private lines(name: string): string[] {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  /** Keys of the objects below a prefix. */
  public keys(prefix: string): string[] {
    const keys = readdirSync(join(this.folder, 'bucket')).map((name) => Buffer.from(name, 'base64url').toString());
    return keys.filter((key) => key.startsWith(prefix)).sort();
  }

  /** Lines of the published objects of a table. */
  public archived(table: string): string[] {
    return this.keys(`archive/${table}/`).flatMap((key) => {
      const name = `${Buffer.from(key).toString('base64url')}`;
      const padded = name.padEnd(Math.ceil(name.length / 4) * 4, '=');
      return gunzipSync(readFileSync(join(this.folder, 'bucket', padded)))
        .toString()
        .split('\n')
        .slice(0, -1);
    });
  }

  /** Puts archived rows into a new table of the same shape. */
  public restore(table: string, into: string): void {
    const file = join(this.folder, 'restored');
    writeFileSync(
      file,
      this.archived(table)
        .map((line) => `${Buffer.from(line).toString('base64')}\n`)
        .join(''),
    );
    this.sql(`CREATE TABLE ${into} (LIKE ${table});
      CREATE TEMP TABLE restored (line text);
      \\copy restored FROM '${file}'
      INSERT INTO ${into} SELECT (json_populate_record(NULL::${table}, convert_from(decode(line, 'base64'), 'UTF8')::json)).* FROM restored;`);
  }

  public remove(): void {
    postgres('pg_ctl', ['-D', this.data, '-m', 'immediate', 'stop']);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
