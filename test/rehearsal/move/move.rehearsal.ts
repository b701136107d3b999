import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectSection, markdownTable } from '../../generated-section';
import { differences, type Inventory, inventory } from './compare';
import { AGAIN, DONE, KILLED, type Mode, Move, REFUSED, SCRIPTS, WHOLE } from './move';
import { kill, must, sleep, until } from './processes';
import { CACHE_PASSWORDS, CACHE_USER, Redis } from './redis';
import { mount, Templates, type World, type WorldOptions } from './world';
import { Writer } from './writer';

const MODES = ['dump', 'replicate'] as const;
const WRITTEN = ['public.written', 'public.audit'];

let templates: Templates;
const faults: string[][] = [];

beforeAll(async () => {
  const began = Date.now();
  templates = await Templates.make();
  say(`servers and data sets made in ${seconds(began)}`);
});
afterAll(() => templates?.remove());

function say(text: string): void {
  process.stdout.write(`      move: ${text}\n`);
}

function seconds(began: number): string {
  return `${((Date.now() - began) / 1000).toFixed(1)} s`;
}

/** A line of the published table. */
function seen(mode: Mode | 'both', fault: string, when: string, what: string): void {
  faults.push([mode, fault, when, what]);
  say(`${mode}: ${fault}, ${when}: ${what}`);
}

async function inWorld(options: WorldOptions, what: (world: World) => Promise<void>): Promise<void> {
  const world = await templates.world(options);
  try {
    await what(world);
  } finally {
    await world.remove();
  }
}

function moveIn(world: World, mode: Mode, env: Record<string, string> = {}): Move {
  return new Move(world, mode, templates.tls.ca, env);
}

function writerIn(world: World, move: Move): Writer {
  const writer = new Writer(world, join(world.folder, 'ledger'), () => (move.moved() ? 'target' : 'source'));
  world.closing.push(async () => {
    await writer.stop();
    writer.close();
  });
  writer.start();
  return writer;
}

/** The product works on the source: it writes, and reads what it wrote. */
async function expectServing(world: World): Promise<void> {
  const said = await world.source.sql(
    'INSERT INTO nothing_yet (id) VALUES (1); SELECT count(*) FROM nothing_yet; DELETE FROM nothing_yet; SELECT count(*) > 100 FROM customers;',
    { user: 'app' },
  );
  expect(said).toBe('1\nt');
}

/** The source takes no write any more, from nobody, and can be read. */
async function expectReadOnly(world: World): Promise<void> {
  const product = await world.source.try('INSERT INTO nothing_yet (id) VALUES (1)', { user: 'app' });
  expect(product.code).not.toBe(0);
  const superuser = await world.source.try('INSERT INTO nothing_yet (id) VALUES (1)');
  expect(superuser.stderr).toContain('cannot execute INSERT in a read-only transaction');
  expect(await world.source.sql('SELECT count(*) > 100 FROM customers')).toBe('t');
}

/** All that was on the source when it was held is on the target, as it was before anything began. */
async function expectMoved(world: World, start: Inventory, except: string[] = []): Promise<Inventory> {
  const end = await inventory(world.source);
  const target = await inventory(world.target);
  expect(differences({ ...end, catalogue: start.catalogue }, target, except)).toEqual([]);
  expect(await leftOvers(world)).toBe('0|0|0|0');
  return target;
}

/** Replication slots, publications and roles of the move on the source, subscriptions on the target. */
async function leftOvers(world: World): Promise<string> {
  const source =
    await world.source.sql(`SELECT (SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM pg_publication),
    (SELECT count(*) FROM pg_roles WHERE rolname = 'data_move')`);
  return `${source}|${await world.target.sql('SELECT count(*) FROM pg_subscription')}`;
}

/** Both sides are as if there had been no move. */
async function expectUntouched(world: World, start: Inventory, empty: Inventory, except: string[] = []): Promise<void> {
  await expectServing(world);
  expect(differences(start, await inventory(world.source), except)).toEqual([]);
  // Its owner may create in it all the same, with the grant or without.
  const granted = 'new: schema public app:CREATE';
  expect(differences(empty, await inventory(world.target)).filter((line) => line !== granted)).toEqual([]);
  expect(await leftOvers(world)).toBe('0|0|0|0');
  expect(readFileSync(join(world.source.folder, 'pg_hba.conf'), 'utf8')).not.toContain('data_move');
}

/** Every place at which the program can be told to kill itself. */
function points(): string[] {
  const found: string[] = [];
  for (const file of readdirSync(SCRIPTS).filter((name) => name.endsWith('.py'))) {
    const text = readFileSync(join(SCRIPTS, file), 'utf8');
    for (const [, name] of text.matchAll(/\bpoint\("([a-z-]+)"\)/g)) found.push(name);
    for (const [, name] of text.matchAll(/\brecord\(\s*"([a-z-]+)"/g)) found.push(`${name}-recorded`);
    if (text.includes('point("restored-" + section)')) found.push('restored-pre-data', 'restored-data', 'restored-post-data');
  }
  return [...new Set(found)];
}

describe.each(MODES)('a move by %s', (mode) => {
  test('carries a million rows of a product that goes on writing', async () => {
    await inWorld({ size: 'large' }, async (world) => {
      const move = moveIn(world, mode);
      // So that its log says which connection attached an index.
      await world.target.restart({ log_statement: 'ddl' });
      const start = await inventory(world.source);
      expect(start.total).toBeGreaterThan(1_000_000);
      expect(start.rows.size).toBeGreaterThan(60);
      const writer = writerIn(world, move);
      await until('the writer writes', () => writer.acknowledged('source') > 20);
      const times: string[] = [];
      let served = 0;
      for (const step of WHOLE) {
        const began = Date.now();
        if (step === 'record') expect(existsSync(join(world.state, 'record.json'))).toBe(false);
        await move.must(step, DONE);
        times.push(`${step} ${seconds(began)}`);
        if (step === 'verify') {
          served = writer.acknowledged('source');
          if (mode === 'replicate') await expectServing(world);
        }
      }
      await until('the writer writes to the target', () => writer.acknowledged('target') > 50);
      await writer.stop();
      expect(await writer.faults(world.target)).toEqual([]);
      if (mode === 'replicate') expect(served).toBeGreaterThan(200);
      const target = await expectMoved(world, start, WRITTEN);
      await expectReadOnly(world);
      // One after the other: two at once may leave the index above them invalid, but so seldom that no rehearsal would see it.
      const attached = world.target.logged(/\[(\d+)\] LOG: {2}(?:statement|execute).*ALTER INDEX \S+ ATTACH PARTITION/g);
      expect(attached.length).toBeGreaterThan(10);
      expect(new Set(attached).size).toBe(1);
      const summary = JSON.parse(readFileSync(join(world.state, 'record.json'), 'utf8')).summary;
      expect(summary).toMatchObject({ mode, tables: start.rows.size - 1 });
      say(`${mode}: ${target.total} rows in ${start.rows.size} tables: ${times.join(', ')}`);
      say(
        `${mode}: ${writer.acknowledged('source')} writes acknowledged by the source, ${writer.acknowledged('target')} by the target, none lost, none twice`,
      );
      seen(
        mode,
        'none',
        'a product and a forgotten worker write all the time',
        'complete; every acknowledged write is on the target once',
      );
      for (const step of WHOLE) await move.must(step, DONE);
      const again = await inventory(world.target);
      expect(differences(target, again)).toEqual([]);
      seen(mode, 'every step is run a second time', 'after the record', 'nothing changes');
    });
  });

  test('survives kill -9 at every point of every step', async () => {
    await inWorld({}, async (world) => {
      const move = moveIn(world, mode);
      const start = await inventory(world.source);
      const writer = mode === 'replicate' ? writerIn(world, move) : undefined;
      let reached = 0;
      for (const step of WHOLE) {
        for (const point of pointsOf(mode)[step]) {
          await move.must(step, KILLED, { killAt: point });
          reached++;
        }
        await move.must(step, DONE);
      }
      await writer?.stop();
      if (writer) expect(await writer.faults(world.target)).toEqual([]);
      await expectMoved(world, start, writer ? WRITTEN : []);
      seen(
        mode,
        'kill -9',
        `at each of ${reached} points of the steps, one after the other, each run again`,
        'complete, equal, nothing left behind',
      );
    });
  });

  test('survives kill -9 at any time, of the program alone or with its children', async () => {
    await inWorld({}, async (world) => {
      const move = moveIn(world, mode);
      const start = await inventory(world.source);
      const writer = mode === 'replicate' ? writerIn(world, move) : undefined;
      await move.must('preflight', DONE);
      let kills = 0;
      for (const [step, delays] of [
        ['copy', [150, 400, 700, 1000, 1400]],
        ['verify', [200]],
        ['cut-over', [200, 500]],
      ] as const) {
        for (const [index, delay] of delays.entries()) {
          const { code } = await move.step(step, {
            started: (child) => setTimeout(() => (index % 2 === 0 ? child.kill('SIGKILL') : kill(child)), delay),
          });
          if (code === KILLED) kills++;
        }
        await move.must(step, DONE);
      }
      await move.through('sessions', 'record');
      expect(kills).toBeGreaterThan(3);
      await writer?.stop();
      if (writer) expect(await writer.faults(world.target)).toEqual([]);
      await expectMoved(world, start, writer ? WRITTEN : []);
      seen(
        mode,
        'kill -9 of the program alone, or with its children',
        'at set times of copy, verify and cut-over',
        'complete, equal, nothing left behind',
      );
    });
  });

  test('goes back, and then again', async () => {
    await inWorld({}, async (world) => {
      const move = moveIn(world, mode);
      const [start, empty] = [await inventory(world.source), await inventory(world.target)];
      await move.must('preflight', DONE);
      await move.must('copy', KILLED, { killAt: mode === 'dump' ? 'restored-data' : 'subscribed' });
      for (const point of [...(mode === 'dump' ? ['source-opened'] : []), 'roll-back-begun', 'source-released']) {
        await move.must('roll-back', KILLED, { killAt: point });
      }
      await move.must('roll-back', DONE);
      await expectUntouched(world, start, empty);
      seen(
        mode,
        'roll-back',
        'in the middle of copy, itself killed at each of its points',
        'source serves as before, target empty, no slot left',
      );
      await move.through('preflight', 'cut-over');
      await expectReadOnly(world);
      await move.must('roll-back', DONE);
      await expectUntouched(world, start, empty);
      seen(mode, 'roll-back', 'after cut-over', 'source serves as before, target empty, no slot left');
      await move.through('preflight', 'open');
      await world.target.sql(`INSERT INTO nothing_yet (id) VALUES (77)`, { user: 'app' });
      const said = await move.must('roll-back', REFUSED);
      expect(said).toMatch(
        /^REFUSED: \d+ tables of the target were written to since the cut-over \(the first: .*\), and going back would lose that: repair forward on the target, or copy those rows to the source by hand, which still has everything up to the cut-over$/,
      );
      expect(await world.target.sql('INSERT INTO nothing_yet (id) VALUES (78) RETURNING id', { user: 'app' })).toBe('78');
      seen(
        mode,
        'roll-back',
        'after the target took a write',
        'refused, and the target goes on serving: N tables of the target were written to since the cut-over (...), and going back would lose that: repair forward on the target, or copy those rows to the source by hand, which still has everything up to the cut-over',
      );
    });
  });

  test('waits out a line that breaks or goes silent', async () => {
    await inWorld({}, async (world) => {
      // The target of this rehearsal tries again every 200 ms instead of every 5 s, and every try that fails is counted.
      const move = moveIn(world, mode, { MOVE_ERRORS_ALLOWED: '1000' });
      const start = await inventory(world.source);
      await move.must('preflight', DONE);
      const line = mode === 'dump' ? world.toTarget : world.toSource;
      if (mode === 'dump') {
        const before = line.sent;
        line.watch = () => {
          if (line.sent > before + 700_000) line.cut();
        };
        const said = await move.must('copy', AGAIN);
        expect(said).toMatch(/run the step again/);
        line.watch = undefined;
        await expectServing(world);
        line.heal();
        await move.must('copy', DONE);
        seen(
          mode,
          'the line to the target is cut',
          'while rows are restored',
          'exit 3 and the source serves; the next try completes',
        );
      } else {
        const writer = writerIn(world, move);
        const before = line.received;
        let cut = 0;
        line.watch = () => {
          if (line.received > before + 500_000 && !cut) {
            cut = Date.now();
            line.cut();
            setTimeout(() => line.heal(), 1500);
          }
        };
        await move.must('copy', DONE);
        expect(cut).toBeGreaterThan(0);
        seen(mode, 'the line from the target is cut for 1.5 s', 'while rows are copied', 'copy waits and completes');
        line.watch = undefined;
        await move.must('verify', DONE);
        line.stall();
        const said = await move.must('cut-over', AGAIN, { env: { MOVE_DRAIN_SECONDS: '2' } });
        expect(said).toMatch(/TRY AGAIN: catching up to .* took more than 2 s .*: run the step again, it goes on where it is/);
        await expectServing(world);
        line.heal();
        seen(
          mode,
          'the line from the target goes silent',
          'while cut-over waits for the target',
          'exit 3 after MOVE_DRAIN_SECONDS and the source serves; the next try completes',
        );
        // Nothing on the target can be asked any more when the source has to be opened again.
        const held = join(world.folder, 'held');
        const cutting = setInterval(() => existsSync(held) && world.toTarget.cut(), 100);
        await move.must('cut-over', AGAIN, { env: { MOVE_APP_STOP: `touch ${held}; sleep 1` } });
        clearInterval(cutting);
        await expectServing(world);
        world.toTarget.heal();
        seen(
          mode,
          'the line to the target is cut',
          'when cut-over has closed the source',
          'exit 3 and the source serves; verify and cut-over again complete',
        );
        await move.must('verify', DONE);
        await move.must('cut-over', DONE);
        await writer.stop();
        expect(await writer.faults(world.target)).toEqual([]);
        await expectMoved(world, start, WRITTEN);
        return;
      }
      await move.must('verify', DONE);
      world.toTarget.cut();
      await move.must('cut-over', AGAIN);
      await expectServing(world);
      world.toTarget.heal();
      // What was verified is no longer all there is: the source was opened.
      await move.step('preflight');
      await move.must('copy', DONE);
      await move.must('verify', DONE);
      await move.must('cut-over', DONE);
      await expectMoved(world, start);
      seen(
        mode,
        'the line to the target is cut',
        'at the cut-over',
        'exit 3 and the source serves; copy, verify and cut-over again complete',
      );
    });
  });

  test('survives a full disk', async () => {
    await inWorld({ targetDisk: '62m' }, async (world) => {
      const move = moveIn(world, mode, { MOVE_CATCH_UP_SECONDS: '20', MOVE_ERRORS_ALLOWED: '3' });
      const start = await inventory(world.source);
      await move.must('preflight', DONE);
      const { code, stderr } = await move.step('copy');
      expect(mode === 'dump' ? [AGAIN] : [REFUSED, AGAIN]).toContain(code);
      if (mode === 'dump') expect(stderr).toMatch(/no space left on a disk .*: make room, then run the step again/);
      await expectServing(world);
      await must('mount', ['-o', 'remount,size=1g', join(world.folder, 'target')]);
      // A real cluster's storage grows by itself; this server may have stopped.
      await world.target.restart();
      await moveIn(world, mode, { MOVE_CATCH_UP_SECONDS: '90' }).through('copy', 'record');
      await expectMoved(world, start);
      seen(
        mode,
        "the target's disk is full",
        'copy',
        `exit 3${mode === 'dump' ? '' : ', or 2 after MOVE_ERRORS_ALLOWED'}, and the source serves; with more room the next try completes`,
      );
    });
  });
});

test('a dump that fills the disk of the server', async () => {
  await inWorld({}, async (world) => {
    await mount(world.state, '3m', templates.user);
    const move = moveIn(world, 'dump', { MOVE_DUMP_FOLDER: join(world.state, 'dump') });
    const start = await inventory(world.source);
    const said = await move.must('preflight', REFUSED);
    expect(normal(said, world)).toBe(
      'REFUSED: STATE/dump has N MB free and the database is N MB: make the volume larger, or set MOVE_DUMP_FOLDER to where there is room',
    );
    seen('dump', "the server's disk has too little room", 'preflight', normal(said, world).replace('REFUSED', 'refused'));
    await must('mount', ['-o', 'remount,size=1g', world.state]);
    await move.must('preflight', DONE);
    await must('mount', ['-o', 'remount,size=1m', world.state]);
    const full = await move.must('copy', AGAIN);
    expect(full).toMatch(/make room/);
    await expectServing(world);
    await must('mount', ['-o', 'remount,size=1g', world.state]);
    await move.through('copy', 'record');
    await expectMoved(world, start);
    seen(
      'dump',
      "the server's disk fills up",
      'while the dump is written',
      'exit 3 and the source serves; with more room the next try completes',
    );
  });
});

/** What pre-flight refuses: how it is brought about, how it is undone, and the sentence. */
interface Unfit {
  readonly what: string;
  readonly modes: readonly Mode[];
  readonly says: string;
  readonly source?: string;
  readonly target?: string;
  readonly undo?: string;
  readonly undoTarget?: string;
  readonly env?: (world: World) => Record<string, string>;
}

const UNFIT: Unfit[] = [
  {
    what: 'the target is not empty',
    modes: MODES,
    target:
      'CREATE TABLE old (id int); INSERT INTO old VALUES (1); GRANT ALL ON old TO app; CREATE VIEW old_view AS SELECT 1 AS one;',
    undoTarget: 'DROP VIEW old_view; DROP TABLE old;',
    says: 'REFUSED: the target is not empty: it has 2 things of its own (table public.old with rows, view public.old_view): stop what made them, then move into an empty database, or say TARGET_CONTENTS=drop to throw all of it away',
  },
  {
    what: 'a table without primary key or replica identity',
    modes: ['replicate'],
    source: 'CREATE TABLE no_key (id int); ALTER TABLE no_key OWNER TO app;',
    undo: 'DROP TABLE no_key;',
    says: 'REFUSED: no_key have neither primary key nor replica identity, so their updates cannot be replicated: add a primary key, or run ALTER TABLE ... REPLICA IDENTITY USING INDEX (a unique one) or REPLICA IDENTITY FULL, or use mode dump',
  },
  {
    what: 'an unlogged table',
    modes: ['replicate'],
    source: 'CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY); ALTER TABLE scratch OWNER TO app;',
    undo: 'DROP TABLE scratch;',
    says: 'REFUSED: scratch are unlogged and so not replicated: run ALTER TABLE ... SET LOGGED, or use mode dump',
  },
  {
    what: 'a large object',
    modes: ['replicate'],
    source: "SELECT lo_from_bytea(4711, 'x');",
    undo: 'SELECT lo_unlink(4711);',
    says: 'REFUSED: the source has 1 large objects, which are not replicated: use mode dump, or unlink them',
  },
  {
    what: 'a trigger that fires always',
    modes: ['replicate'],
    source: 'ALTER TABLE written ENABLE ALWAYS TRIGGER noted;',
    undo: 'ALTER TABLE written ENABLE TRIGGER noted;',
    says: 'REFUSED: the triggers written.noted would fire a second time on the target: run ALTER TABLE ... ENABLE TRIGGER, or use mode dump',
  },
  {
    what: 'a table that forces row security',
    modes: MODES,
    source: 'ALTER TABLE secrets FORCE ROW LEVEL SECURITY;',
    undo: 'ALTER TABLE secrets NO FORCE ROW LEVEL SECURITY;',
    says: 'REFUSED: secrets force row security on their owner, so nobody but a superuser could fill them: run ALTER TABLE ... NO FORCE ROW LEVEL SECURITY for the time of the move',
  },
  {
    what: 'a table of the superuser',
    modes: MODES,
    source: 'CREATE TABLE his (id int PRIMARY KEY);',
    undo: 'DROP TABLE his;',
    says: 'REFUSED: TABLE public.his belong to the superuser postgres, which the target cannot have: give them to another role, such as ALTER TABLE public.his OWNER TO app',
  },
  {
    what: 'an extension that the target does not offer',
    modes: MODES,
    source: 'CREATE EXTENSION pg_visibility;',
    undo: 'DROP EXTENSION pg_visibility;',
    says: 'REFUSED: the target does not offer the extension pg_visibility: drop it on the source, or choose a target that has it',
  },
  {
    what: 'a wrong password',
    modes: MODES,
    env: () => ({ MOVE_TARGET_PASSWORD: 'wrong' }),
    says: 'password authentication failed for user "app"',
  },
];

test('what cannot be moved is refused before anything is touched', async () => {
  await inWorld({}, async (world) => {
    const [start, empty] = [await inventory(world.source), await inventory(world.target)];
    for (const unfit of UNFIT) {
      const { what, modes, says, source, target, undo, undoTarget } = unfit;
      if (what.includes('does not offer')) world.target.hideExtension('pg_visibility');
      if (source) await world.source.sql(source);
      if (target) await world.target.sql(target);
      for (const mode of modes) {
        const said = await moveIn(world, mode, unfit.env?.(world)).must('preflight', REFUSED);
        if (says.startsWith('REFUSED')) expect(said).toBe(says);
        else expect(said).toContain(says);
      }
      const [mode] = modes.length > 1 ? ['both' as const] : modes;
      seen(
        mode,
        what,
        'preflight',
        says.startsWith('REFUSED')
          ? says.replace('REFUSED: ', 'refused: ')
          : 'refused: check the role, its password and pg_hba.conf',
      );
      await expectServing(world);
      if (undo) await world.source.sql(undo);
      if (undoTarget) await world.target.sql(undoTarget);
    }
    const later = moveIn(world, 'dump');
    expect(await later.must('copy', REFUSED)).toMatch(/^REFUSED: step preflight has no record in .*: run preflight first$/);
    await later.must('preflight', DONE);
    expect(await later.must('verify', REFUSED)).toMatch(/^REFUSED: step copy has no record in .*: run copy first$/);
    expect(await later.must('cut-over', REFUSED)).toMatch(/^REFUSED: step copy has no record in .*: run copy first$/);
    expect(await later.must('sessions', REFUSED)).toMatch(/^REFUSED: step cut-over has no record in .*: run cut-over first$/);
    expect(await later.must('open', REFUSED)).toMatch(/^REFUSED: step cut-over has no record in .*: run cut-over first$/);
    expect(await later.must('record', REFUSED)).toMatch(/^REFUSED: step cut-over has no record in .*: run cut-over first$/);
    seen('both', 'a step out of its order', 'each step', 'refused: step NAME has no record in STATE: run NAME first');
    await expectUntouched(world, start, empty);
  });
});

test('a target that is older is refused', async () => {
  await inWorld({ targetVersion: 14 }, async (world) => {
    const empty = await inventory(world.target);
    for (const mode of MODES) {
      const said = await moveIn(world, mode).must('preflight', REFUSED);
      expect(said).toMatch(
        /^REFUSED: the target runs PostgreSQL 14\.\d+, older than the source's 15\.\d+: move to the same major version or a later one$/,
      );
    }
    await expectServing(world);
    expect(differences(empty, await inventory(world.target))).toEqual([]);
    seen(
      'both',
      'a target that is older',
      'preflight',
      "refused: the target runs PostgreSQL 14.N, older than the source's 15.N: move to the same major version or a later one",
    );
  });
});

test('a source that cannot replicate is refused', async () => {
  await inWorld({ sourceSettings: { wal_level: 'replica', max_replication_slots: '2' } }, async (world) => {
    const said = await moveIn(world, 'replicate').must('preflight', REFUSED);
    expect(said).toBe(
      'REFUSED: wal_level is replica on the source, replication needs logical: set it and restart PostgreSQL, or use mode dump',
    );
    seen('replicate', 'wal_level is not logical', 'preflight', said.replace('REFUSED', 'refused'));
    await world.source.restart({ wal_level: 'logical', max_replication_slots: '2' });
    const few = await moveIn(world, 'replicate').must('preflight', REFUSED);
    expect(few).toBe(
      'REFUSED: only 2 replication slots are free on the source, the copy takes up to 4: raise max_replication_slots and restart it',
    );
    seen('replicate', 'too few replication slots', 'preflight', few.replace('REFUSED', 'refused'));
    await expectServing(world);
  });
});

test('a transaction that was open at the cut-over is on neither side, and its client is told', async () => {
  await inWorld({}, async (world) => {
    const move = moveIn(world, 'replicate');
    const start = await inventory(world.source);
    await move.through('preflight', 'verify');
    const open = world.source.try(`BEGIN; INSERT INTO written (id, body) VALUES (99999, 'open'); SELECT pg_sleep(30); COMMIT;`, {
      user: 'app',
    });
    await until(
      'the transaction is open',
      async () =>
        (await world.source.sql(
          "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND usename = 'app' AND state = 'active'",
        )) === '1',
    );
    await move.must('cut-over', DONE);
    expect((await open).code).not.toBe(0);
    for (const server of [world.source, world.target])
      expect(await server.sql('SELECT count(*) FROM written WHERE id = 99999')).toBe('0');
    await expectMoved(world, start);
    await expectReadOnly(world);
    seen('replicate', 'a transaction is open', 'cut-over', 'it is ended and its client told; it is on neither side');
  });
});

test('a target that stays away for too long', async () => {
  await inWorld(
    { sourceSettings: { max_slot_wal_keep_size: '8MB', max_wal_size: '32MB', min_wal_size: '8MB' } },
    async (world) => {
      const move = moveIn(world, 'replicate');
      const [start, empty] = [await inventory(world.source), await inventory(world.target)];
      await move.through('preflight', 'verify');
      world.toSource.cut();
      await until(
        'the slot is let go',
        async () => (await world.source.sql('SELECT count(*) FROM pg_replication_slots WHERE active')) === '0',
      );
      for (let round = 0; round < 6; round++) {
        await world.source.sql(
          'CREATE TABLE much AS SELECT i, repeat(md5(i::text), 20) AS t FROM generate_series(1, 12000) i; DROP TABLE much; SELECT pg_switch_wal(); CHECKPOINT;',
        );
      }
      world.toSource.heal();
      const said = await move.must('cut-over', REFUSED);
      expect(said).toBe(
        "REFUSED: the replication slot is gone: the target stayed away for longer than the source's disk could wait for it: run roll-back, see to the link between them, and begin again",
      );
      await expectServing(world);
      seen(
        'replicate',
        'the target stays away until the slot is given up',
        'between verify and cut-over',
        said.replace('REFUSED', 'refused'),
      );
      await move.must('roll-back', DONE);
      await expectUntouched(world, start, empty);
    },
  );
});

test('sessions move to a cluster with TLS and users', async () => {
  await inWorld({}, async (world) => {
    const source = await Redis.source(join(world.folder, 'redis'), templates.user);
    world.closing.push(() => source.stop());
    const shards = await Redis.cluster(join(world.folder, 'cluster'), templates.user, templates.tls);
    for (const shard of shards) world.closing.push(() => shard.stop());
    const commands: string[] = [];
    for (let i = 0; i < 3000; i++) commands.push(`SET session:${i} "user ${i}" EX ${3600 + i}`);
    for (let i = 0; i < 50; i++) {
      commands.push(
        `HSET cart:${i} a ${i} b "x y"`,
        `RPUSH list:${i} 1 2 3`,
        `SADD set:${i} a b ${i}`,
        `ZADD zset:${i} 1.5 a -2 b`,
        `XADD stream:${i} * f ${i}`,
      );
    }
    commands.push('SET "odd key" value', 'SET {tag}a 1', 'SET {tag}b 2');
    await source.pipe(commands);
    const move = moveIn(world, 'dump', {
      MOVE_SESSIONS: 'move',
      MOVE_CACHE_SOURCE: `127.0.0.1:${source.port}`,
      MOVE_CACHE_SOURCE_PASSWORD: CACHE_PASSWORDS.source,
      MOVE_CACHE_TARGET: `localhost:${shards[0].port}`,
      MOVE_CACHE_TARGET_USER: CACHE_USER,
      MOVE_CACHE_TARGET_PASSWORD: CACHE_PASSWORDS.target,
      MOVE_CACHE_CA: templates.tls.ca,
    });
    await move.through('preflight', 'cut-over');
    const refused = await move.must('sessions', REFUSED, { env: { MOVE_CACHE_TARGET_PASSWORD: 'wrong' } });
    expect(refused).toMatch(/did not let app in .*: check user and password/);
    const unsaid = await move.must('sessions', REFUSED, { env: { MOVE_SESSIONS: '' } });
    expect(unsaid).toMatch(/^REFUSED: /);
    await move.must('sessions', KILLED, { killAt: 'sessions-batch' });
    await move.must('sessions', KILLED, { killAt: 'sessions-recorded' });
    await move.must('sessions', DONE);
    const before = await source.keys();
    const after = new Map([...(await shards[0].keys()), ...(await shards[1].keys())]);
    expect(before.size).toBe(3253);
    expect([...after].sort()).toEqual([...before].sort());
    for (const shard of shards) expect(Number(await shard.must('DBSIZE'))).toBeGreaterThan(1000);
    seen(
      'both',
      'kill -9',
      'while sessions move, and after',
      `complete: ${before.size} keys of six kinds are equal, with their times to live`,
    );
    await move.through('open', 'record');
  });
});

/** Faults planted into a copy of the scripts: each must be seen here. */
const MUTATIONS: { what: string; file: string; piece: string; by: string; mode: Mode }[] = [
  {
    what: 'nothing waits for the target',
    file: 'replication.py',
    piece: 'def wait_for(here, there, lsn, seconds):\n',
    by: 'def wait_for(here, there, lsn, seconds):\n    return\n\n\ndef waited_for(here, there, lsn, seconds):\n',
    mode: 'replicate',
  },
  {
    what: 'cut-over does not set sequences',
    file: 'database.py',
    piece: 'SELECT setval({literal(name)}, {last}',
    by: 'SELECT ({literal(name)}, {last}',
    mode: 'replicate',
  },
  {
    what: 'the source is not held at the cut-over',
    file: 'database.py',
    piece: '    point("before-hold")\n    hold(here)',
    by: '    point("before-hold")\n    record("held", roles=[])',
    mode: 'replicate',
  },
  {
    what: 'rows are not restored',
    file: 'copying.py',
    piece: 'restore(there, folder, "data", lambda entry: True',
    by: 'restore(there, folder, "data", lambda entry: "SEQUENCE SET" in entry',
    mode: 'dump',
  },
];

test.each(MUTATIONS)('it is seen that $what', async ({ what, file, piece, by, mode }) => {
  await inWorld({}, async (world) => {
    const move = moveIn(world, mode);
    // What the scripts compare would stop them; here it is the rehearsal that has to see it.
    move.break(
      'database.py',
      'def verify_exactly(here, there):',
      'def refuse_differences(found):\n    pass\n\n\ndef verify_exactly(here, there):',
    );
    move.break('holding.py', '    raise Transient(f"{left} sessions', '    return\n    raise Transient(f"{left} sessions');
    move.break('holding.py', 'for _ in range(60):', 'for _ in range(2):');
    move.break(file, piece, by);
    const start = await inventory(world.source);
    const writer = mode === 'replicate' ? writerIn(world, move) : undefined;
    if (writer) await until('the writer writes', () => writer.acknowledged('source') > 20);
    await move.through('preflight', 'verify');
    if (what.includes('waits')) {
      world.toSource.stall();
      await sleep(300);
    }
    await move.through('cut-over', 'open');
    world.toSource.heal();
    await sleep(300);
    await writer?.stop();
    const found = [
      ...differences({ ...(await inventory(world.source)), catalogue: start.catalogue }, await inventory(world.target), WRITTEN),
      ...((await writer?.faults(world.target)) ?? []),
    ];
    expect(found).not.toEqual([]);
    say(`planted and seen: ${what}: ${found[0].slice(0, 110)} (${found.length} in all)`);
  });
});

test('the page shows what this run has seen', () => {
  const rows = faults.map(([mode, fault, when, what]) => [mode, fault, when, what.replaceAll('|', '\\|')]);
  expectSection('docs/moving-faults.md', 'faults', markdownTable(['Mode', 'Fault', 'When', 'Seen'], rows));
});

/** A sentence without what is another one in every run. */
function normal(said: string, world: World): string {
  return said
    .replaceAll(world.state, 'STATE')
    .replaceAll(world.folder, 'FOLDER')
    .replace(/\d+ MB/g, 'N MB')
    .replace(/port \d+/g, 'port N');
}

/** The points of each step, in the order in which it comes to them. */
function pointsOf(mode: Mode): Record<(typeof WHOLE)[number], string[]> {
  const holding = ['hold-file-written', 'app-stopped', 'source-fenced'];
  const restored = ['restored-pre-data', 'restored-data', 'restored-post-data', 'attached'];
  const dump = mode === 'dump';
  return {
    preflight: ['move-recorded', 'preflight-recorded'],
    copy: dump
      ? [
          'copy-begun-recorded',
          'held-recorded',
          ...holding,
          'dumped',
          'dump-recorded',
          'wiped',
          'prepared',
          ...restored,
          'restored-recorded',
          'copy-recorded',
        ]
      : [
          'copy-begun-recorded',
          'wal-kept-recorded',
          'source-prepared',
          'dumped',
          'prepared',
          restored[0],
          restored[2],
          restored[3],
          'schema-recorded',
          'subscribing',
          'subscribed',
          'rest-added',
          'copy-recorded',
        ],
    verify: dump ? ['verified-recorded', 'verify-recorded'] : ['verify-recorded'],
    'cut-over': dump
      ? [...holding, 'cut-over-recorded']
      : [
          'before-hold',
          'held-recorded',
          ...holding,
          'drained',
          'sequences-set',
          'verified-recorded',
          'subscription-dropped',
          'cut-over-recorded',
        ],
    sessions: ['sessions-recorded'],
    open: ['marked-open', 'moved-file-written', 'open-recorded'],
    record: ['record-recorded'],
  };
}

/** Points that other tests come to. */
const ELSEWHERE = ['roll-back-begun', 'source-released', 'source-opened', 'sessions-batch'];

test('every point of the program is tried', () => {
  const tried = [...MODES.flatMap((mode) => Object.values(pointsOf(mode)).flat()), ...ELSEWHERE];
  expect(points().filter((point) => !tried.includes(point))).toEqual([]);
  expect(tried.filter((point) => !points().includes(point))).toEqual([]);
});
