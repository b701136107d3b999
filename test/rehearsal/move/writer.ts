import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { SOURCE_BIN } from './binaries';
import type { Postgres } from './postgres';
import { sleep } from './processes';

/** Which side was asked. */
export type Side = 'source' | 'target';

/** What came of one write: acknowledged, refused by the server, or nobody knows because the line broke. */
type Fate = 'acknowledged' | 'refused' | 'unknown';

interface Entry {
  readonly do: 'insert' | 'update' | 'delete';
  readonly id: number;
  readonly side: Side;
  readonly fate: Fate;
  /** What the server answered: the row's number from its sequence. */
  readonly answer: string;
  readonly said?: string;
}

/**
 * A product's worker that goes on writing while its data moves: as the role of the product, one transaction after the other, each in
 * the ledger, a file, before the next begins. Nothing stops it but the servers: it is the worker that was forgotten, and keeps trying.
 * It uses the side that `serving` names whenever it has to connect.
 */
export class Writer {
  private side: Side = 'source';
  private child?: ChildProcess;
  private answer: (line: string | undefined) => void = () => undefined;
  private running?: Promise<void>;
  private stopped = false;
  private readonly file: number;
  private next = 1;

  public constructor(
    private readonly sides: Record<Side, Postgres>,
    private readonly ledger: string,
    private readonly serving: () => Side,
    /** Milliseconds between two writes. */
    private readonly pause = 4,
  ) {
    this.file = openSync(ledger, 'a');
  }

  public start(): void {
    this.stopped = false;
    this.running = this.work();
  }

  public async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    this.hangUp();
  }

  public close(): void {
    this.hangUp();
    closeSync(this.file);
  }

  /** Everything it wrote, or tried to. */
  public entries(): Entry[] {
    return readFileSync(this.ledger, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** How many writes a side acknowledged. */
  public acknowledged(side: Side): number {
    return this.entries().filter((entry) => entry.side === side && entry.fate === 'acknowledged').length;
  }

  /** Sentences on what a server lacks of what was acknowledged, or has too much of; empty if it serves exactly the ledger. */
  public async faults(server: Postgres): Promise<string[]> {
    const rows = new Map<number, { number: string; changes: number }>();
    const lines = await server.sql(`SELECT id, number, changes FROM written WHERE id > 0`);
    for (const line of lines.split('\n').filter(Boolean)) {
      const [id, number, changes] = line.split('|');
      rows.set(Number(id), { number, changes: Number(changes) });
    }
    const found: string[] = [];
    const wanted = new Map<number, { number?: string; least: number; most: number; there: 'yes' | 'no' | 'perhaps' }>();
    for (const { do: what, id, fate, answer } of this.entries()) {
      if (fate === 'refused') continue;
      const sure = fate === 'acknowledged';
      const row = wanted.get(id) ?? { least: 0, most: 0, there: 'no' };
      if (what === 'insert') Object.assign(row, { number: sure ? answer : undefined, there: sure ? 'yes' : 'perhaps' });
      else if (what === 'delete') row.there = sure ? 'no' : 'perhaps';
      else {
        row.most += 1;
        if (sure) row.least += 1;
      }
      wanted.set(id, row);
    }
    for (const [id, { number, least, most, there }] of wanted) {
      const row = rows.get(id);
      if (!row && there === 'yes') found.push(`write ${id} was acknowledged and is lost`);
      if (row && there === 'no') found.push(`write ${id} was deleted and is back`);
      if (row && number && row.number !== number) found.push(`write ${id} had number ${number} and has ${row.number}`);
      if (row && (row.changes < least || row.changes > most))
        found.push(`write ${id} changed ${least} times, and shows ${row.changes}`);
    }
    for (const id of rows.keys()) if (!wanted.has(id)) found.push(`write ${id} was never made and is there`);
    // Every trigger fired once: on whichever side took the write, and not again where it arrived.
    const audit = await server.sql(
      `SELECT key, count(*) FILTER (WHERE what = 'written INSERT'), count(*) FILTER (WHERE what = 'written UPDATE') FROM audit WHERE key > 0 GROUP BY 1`,
    );
    for (const line of audit.split('\n').filter(Boolean)) {
      const [id, inserts, updates] = line.split('|').map(Number);
      const row = wanted.get(id);
      if (inserts !== 1) found.push(`write ${id} is noted ${inserts} times by its trigger`);
      if (row && (updates < row.least || updates > row.most))
        found.push(`write ${id} changed ${row.least} times, noted ${updates} times`);
    }
    return found;
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      await this.write(
        'insert',
        this.next,
        `INSERT INTO written (id, body) VALUES (${this.next}, 'während ${this.next}') RETURNING number`,
      );
      const earlier = this.next - 5;
      if (earlier > 0 && this.next % 3 === 0 && !this.stopped) {
        await this.write('update', earlier, `UPDATE written SET changes = changes + 1 WHERE id = ${earlier} RETURNING number`);
      }
      if (earlier > 0 && this.next % 11 === 0 && !this.stopped) {
        await this.write('delete', earlier - 1, `DELETE FROM written WHERE id = ${earlier - 1} RETURNING number`);
      }
      this.next += 1;
    }
  }

  private async write(what: Entry['do'], id: number, sql: string): Promise<void> {
    const { fate, answer, said } = await this.ask(sql);
    // An update or a delete that found no row wrote nothing: its insert was refused.
    if (fate !== 'acknowledged' || answer) this.note({ do: what, id, side: this.side, fate, answer, said });
    await sleep(fate === 'acknowledged' ? this.pause : 100);
  }

  private note(entry: Entry): void {
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
    if (entry.id % 100 === 0) fsyncSync(this.file);
  }

  private async ask(sql: string): Promise<{ fate: Fate; answer: string; said?: string }> {
    if (!this.child) {
      this.side = this.serving();
      const child = spawn(`${SOURCE_BIN}/psql`, ['-qAtX'], {
        env: this.sides[this.side].environment({ user: 'app' }),
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      this.child = child;
      child.stdin?.on('error', () => undefined);
      createInterface({ input: child.stdout! }).on('line', (line) => this.answer(line));
      child.on('close', () => {
        if (this.child === child) {
          this.child = undefined;
          this.answer(undefined);
        }
      });
    }
    const child = this.child;
    const lines: string[] = [];
    const state = await new Promise<string | undefined>((resolve) => {
      this.answer = (line) => {
        if (line === undefined) resolve(undefined);
        else if (line.startsWith('state ')) resolve(line.slice(6));
        else lines.push(line);
      };
      child.stdin?.write(`${sql};\n\\echo state :SQLSTATE\n`);
    });
    if (state === '00000') return { fate: 'acknowledged', answer: lines.join() };
    // 57P0x: ended by an administrator; psql says nothing of the state when the line broke.
    const unknown = state === undefined || state === '' || /^(08|57P)/.test(state);
    if (unknown) this.hangUp();
    return { fate: unknown ? 'unknown' : 'refused', answer: '', said: state };
  }

  private hangUp(): void {
    const child = this.child;
    this.child = undefined;
    child?.stdin?.end();
    child?.kill('SIGKILL');
  }
}
