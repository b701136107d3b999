import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../generated-section';
import { SOURCE_BIN } from './binaries';
import { DATABASE, PASSWORDS } from './postgres';
import { type Outcome, run } from './processes';
import type { World } from './world';

/** Where the scripts under rehearsal lie: the very files that the runbook carries to the server. */
export const SCRIPTS = join(ROOT, 'lib/blocks/data/move');

export type Mode = 'dump' | 'replicate';

/** The steps of a whole move, in order. */
export const WHOLE = ['preflight', 'copy', 'verify', 'cut-over', 'sessions', 'open', 'record'] as const;

export type Step = (typeof WHOLE)[number] | 'roll-back';

/** Exit codes of a step. */
export const DONE = 0;
export const REFUSED = 2;
export const AGAIN = 3;
/** What a step that killed itself ends with. */
export const KILLED = -1;

export interface StepOptions {
  /** Point at which it kills itself. */
  readonly killAt?: string;
  readonly env?: Record<string, string>;
  readonly started?: (child: ChildProcess) => void;
}

/** One move between the servers of a world, as the runbook on the server would make it. */
export class Move {
  public readonly env: Record<string, string>;
  private scripts = SCRIPTS;

  public constructor(
    private readonly world: World,
    public readonly mode: Mode,
    ca: string,
    env: Record<string, string> = {},
  ) {
    const { folder, state, source, toTarget, toSource } = world;
    mkdirSync(state, { recursive: true });
    this.env = {
      PATH: `${SOURCE_BIN}:${process.env.PATH}`,
      PYTHONDONTWRITEBYTECODE: '1',
      MOVE_MODE: mode,
      MOVE_STATE: state,
      MOVE_LOG: join(folder, 'move.log'),
      MOVE_SOURCE_DSN: `host=127.0.0.1 port=${source.port} dbname=${DATABASE} user=postgres`,
      MOVE_SOURCE_PASSWORD: PASSWORDS.postgres,
      MOVE_TARGET_DSN: `host=localhost port=${toTarget.port} dbname=${DATABASE} user=app sslmode=verify-full sslrootcert=${ca}`,
      MOVE_TARGET_PASSWORD: PASSWORDS.app,
      MOVE_SOURCE_FROM_TARGET: `host=127.0.0.1 port=${toSource.port} dbname=${DATABASE} sslmode=require`,
      MOVE_HBA_CIDR: '127.0.0.1/32',
      MOVE_HOLD_FILE: join(folder, 'hold'),
      MOVE_MOVED_FILE: join(folder, 'moved'),
      MOVE_APP_STOP: `echo stop >> ${join(folder, 'application')}`,
      MOVE_APP_START: `echo start >> ${join(folder, 'application')}`,
      MOVE_SESSIONS: 'drop',
      MOVE_RETRIES: '0',
      MOVE_RETRY_SECONDS: '1',
      ...env,
    };
  }

  /** Uses a copy of the scripts from now on, with a piece of one of them replaced. */
  public break(file: string, piece: string, by: string): void {
    const folder = join(this.world.folder, 'scripts');
    if (this.scripts === SCRIPTS) cpSync(SCRIPTS, folder, { recursive: true });
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    if (text.split(piece).length !== 2) throw new Error(`${file} does not have once: ${piece}`);
    writeFileSync(
      path,
      text.replace(piece, () => by),
    );
    this.scripts = folder;
  }

  /** Whether the product uses the target: what it reads when it starts. */
  public moved(): boolean {
    return existsSync(this.env.MOVE_MOVED_FILE);
  }

  public async step(name: Step, options: StepOptions = {}): Promise<Outcome> {
    const file = name === 'sessions' ? 'sessions.py' : 'database.py';
    const args = [join(this.scripts, file), name];
    const env = { ...this.env, ...(options.killAt && { MOVE_KILL_AT: options.killAt }), ...options.env };
    return await run('/usr/bin/python3', args, { env, cwd: '/', detached: true, started: options.started });
  }

  /** A step that must end with a code; returns what it said in its last line. */
  public async must(name: Step, code: number, options: StepOptions = {}): Promise<string> {
    const outcome = await this.step(name, options);
    const said = outcome.stderr.trim().split('\n').at(-1) ?? '';
    if (outcome.code !== code) {
      throw new Error(
        `${name} (${this.mode}) ended with ${outcome.code} instead of ${code}:\n${outcome.stdout.slice(-1500)}${outcome.stderr.slice(-1500)}\nthe target's log: ${this.world.target.log()}\nthe source's log: ${this.world.source.log()}`,
      );
    }
    return said;
  }

  /** Every step from one to another. */
  public async through(first: Step, last: Step): Promise<void> {
    const steps: readonly Step[] = WHOLE;
    for (const step of steps.slice(steps.indexOf(first), steps.indexOf(last) + 1)) await this.must(step, DONE);
  }
}
