import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BINARIES = '/usr/lib/postgresql/15/bin';
const PROGRAM = join(__dirname, '../../../lib/blocks/data/rotate-password.py');
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** What the doubles know. */
export interface State {
  versions: Record<string, { labels: string[]; value: string | null }>;
  cluster: { status: string; pending: string | null; looks: number };
  services: Record<string, { deployments: number; renewals: number; refuses?: boolean }>;
  calls: string[];
}

/** Where the program dies: at which of its calls, and on which side of it. */
export interface Death {
  readonly call: number;
  readonly when: 'before' | 'after';
}

function postgres(command: string, ...options: string[]): string {
  const { status, stdout, stderr } = spawnSync('runuser', ['-u', 'postgres', '--', join(BINARIES, command), ...options], {
    encoding: 'utf8',
    cwd: '/',
    // A server that stays would hold the pipes.
    stdio: ['ignore', command === 'pg_ctl' ? 'ignore' : 'pipe', command === 'pg_ctl' ? 'ignore' : 'pipe'],
  });
  if (status !== 0)
    throw new Error(
      `${command} of PostgreSQL 15 ended with ${status} (this rehearsal needs root and postgresql-15): ${stdout}${stderr}`,
    );
  return stdout;
}

/** A real PostgreSQL with the user `app`, a secret, two services, and Secrets Manager's order of calls. */
export class Rotation {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rotation-'));
  private readonly data = join(this.folder, 'data');
  private readonly stateFile = join(this.folder, 'state.json');

  constructor() {
    cpSync(PROGRAM, join(this.folder, 'index.py'));
    cpSync(join(__dirname, 'boto3.py'), join(this.folder, 'boto3.py'));
    spawnSync('chown', ['postgres', this.folder]);
    postgres('initdb', '-D', this.data, '--auth-local=scram-sha-256', '--no-sync', `--pwfile=${this.file('super', 'super')}`);
    writeFileSync(join(this.data, 'pg_hba.conf'), 'local all postgres peer\nlocal all all scram-sha-256\n');
    const settings = `-c listen_addresses= -c unix_socket_directories=${this.folder} -c fsync=off`;
    postgres('pg_ctl', '-D', this.data, '-w', '-l', join(this.folder, 'log'), '-o', settings, 'start');
    this.reset();
  }

  /** As on the first day. */
  public reset(): void {
    postgres('psql', '-h', this.folder, '-qc', 'DROP ROLE IF EXISTS app', '-c', "CREATE ROLE app LOGIN PASSWORD 'first'");
    this.write({
      versions: { first: { labels: ['AWSCURRENT'], value: JSON.stringify({ username: 'app', password: 'first' }) } },
      cluster: { status: 'available', pending: null, looks: 0 },
      services: { web: { deployments: 1, renewals: 0 }, worker: { deployments: 1, renewals: 0 } },
      calls: [],
    });
  }

  public get state(): State {
    return JSON.parse(readFileSync(this.stateFile, 'utf8'));
  }

  public write(state: State): void {
    writeFileSync(this.stateFile, JSON.stringify(state));
    spawnSync('chown', ['postgres', this.stateFile]);
  }

  /** The password in force, as a task that starts now would read it. */
  public current(): string {
    const [current, ...more] = Object.values(this.state.versions).filter(({ labels }) => labels.includes('AWSCURRENT'));
    if (!current || more.length > 0) throw new Error('exactly one version must be current');
    return JSON.parse(current.value!).password;
  }

  /** Whether a login as `app` works. */
  public logsIn(password: string): boolean {
    return this.psql(password, 'SELECT 1').status === 0;
  }

  /** A session that is open from now on; it says who it is once `after` is there, and ends. */
  public openSession(password: string, after: string): { opened: Promise<void>; said: Promise<string> } {
    const session = spawn(join(BINARIES, 'psql'), ['-h', this.folder, '-U', 'app', '-wqAt', 'postgres'], {
      env: { ...process.env, PGPASSWORD: password },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let output = '';
    const said = new Promise<string>((resolve) => session.once('close', () => resolve(output.trim())));
    const opened = new Promise<void>((resolve) => {
      session.stdout.on('data', (data) => {
        output += data;
        resolve();
      });
      session.once('close', () => resolve());
    });
    session.stdin.end(`SELECT 'open';\n\\! while ! test -e ${this.folder}/${after}; do sleep 0.1; done\nSELECT session_user;\n`);
    return { opened, said };
  }

  /** Lets a session that waits for `name` go on. */
  public signal(name: string): void {
    writeFileSync(join(this.folder, name), '');
  }

  /** Starts a rotation as Secrets Manager does: an empty version, labelled pending. */
  public begin(): string {
    const token = randomUUID();
    const { state } = this;
    state.versions[token] = { labels: ['AWSPENDING'], value: null };
    this.write(state);
    return token;
  }

  /** Cluster whose services all get new tasks. */
  public cluster?: string;

  /** All steps in order until one fails; what it said, or nothing. `died` where it was killed. */
  public run(token: string, death?: Death, steps: readonly string[] = STEPS): string {
    const events = steps.map((Step) => ({ SecretId: 'secret', ClientRequestToken: token, Step }));
    const program = `import index\nfor event in ${JSON.stringify(events)}: index.handler(event, None)`;
    const { status, stderr } = spawnSync(
      '/usr/sbin/runuser',
      ['-u', 'postgres', '--', '/usr/bin/env', 'python3', '-c', program],
      {
        cwd: this.folder,
        encoding: 'utf8',
        env: {
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          PYTHONPATH: this.folder,
          PYTHONDONTWRITEBYTECODE: '1',
          DOUBLE_STATE: this.stateFile,
          SUPERUSER: `${join(BINARIES, 'psql')} -h ${this.folder} -q postgres`,
          DATABASE_CLUSTER: 'shop',
          ...(this.cluster && { CLUSTER: this.cluster }),
          SERVICES: JSON.stringify([
            ['tasks', 'web'],
            ['tasks', 'worker'],
          ]),
          PAUSE: '0',
          DIE_AT: String(death?.call ?? 0),
          DIE_WHEN: death?.when ?? 'before',
        },
      },
    );
    if (status === 9) return 'died';
    return status === 0 ? '' : stderr.trim().split('\n').at(-1)!;
  }

  public remove(): void {
    postgres('pg_ctl', '-D', this.data, '-m', 'immediate', 'stop');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private psql(password: string, sql: string) {
    const environment = { ...process.env, PGPASSWORD: password };
    return spawnSync(join(BINARIES, 'psql'), ['-h', this.folder, '-U', 'app', '-wqAtc', sql, 'postgres'], { env: environment });
  }

  private file(name: string, content: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, content);
    spawnSync('chown', ['postgres', file]);
    return file;
  }
}
