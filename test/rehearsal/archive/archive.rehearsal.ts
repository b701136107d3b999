import { once } from 'node:events';
import { Archive, type Rule } from './archive';

let archive: Archive;
beforeAll(() => {
  archive = new Archive();
});
beforeEach(() => archive.clear());
afterAll(() => archive.remove());

const VISITS: Rule = { table: 'public.visits', by: 'at', days: 30, keep: 365 };

/** Eight old rows on two days, and some that stay. */
const EIGHT = `CREATE TABLE visits (id int PRIMARY KEY, at timestamptz, note text);
  INSERT INTO visits SELECT n, date '2026-01-01' + n / 5, 'note ' || n FROM generate_series(1, 8) n;
  INSERT INTO visits VALUES (100, now(), 'young'), (101, NULL, 'without a date');`;

const ids = () => archive.archived('public.visits').map((line) => JSON.parse(line).id as number);
const left = () => archive.sql('SELECT id FROM visits ORDER BY id').split('\n').filter(Boolean).map(Number);
const EIGHT_IDS = [1, 2, 3, 4, 5, 6, 7, 8];
const byNumber = (a: number, b: number) => a - b;

test('old rows go to files by table and day, the others stay', () => {
  archive.sql(EIGHT);
  expect(archive.run([VISITS])).toBe('');
  expect(left()).toEqual([100, 101]);
  expect(ids().sort(byNumber)).toEqual(EIGHT_IDS);
  const days = archive.keys('archive/').map((key) => key.replace(/[0-9a-f]{32}/, 'ID'));
  expect(days).toEqual(['01', '01', '02', '02'].map((day) => `archive/public.visits/day=2026-01-${day}/ID.jsonl.gz`));
  expect(archive.keys('pending/')).toEqual([]);
  expect(archive.run([VISITS])).toBe('');
  expect(ids()).toHaveLength(8);
});

test('every type comes back as it was, also what is larger than an answer of the Data API', () => {
  archive.sql(`CREATE TYPE colour AS ENUM ('red', 'dark "blue"');
    CREATE TABLE things (at date, "Order" uuid DEFAULT gen_random_uuid(), a numeric, b double precision, c text, d jsonb, e json,
      f bytea, g int[], h timestamptz, i interval, j colour, k tstzrange, l bigint, PRIMARY KEY (at, "Order"));
    INSERT INTO things SELECT '2026-01-01', gen_random_uuid(), 1.10, 0.1::float8 + 0.2, E'"\\\\ \\n\\t ''é😀 :name', '{"a": 1.10, "b": null}',
      E'{"twice": 1,\\n  "twice": 2}', '\\x00ff', '{1,NULL,3}', '2026-03-29 02:30:00.123456+02', '1 day 02:03', 'dark "blue"',
      '[2026-01-01,2026-01-02)', 9007199254740993 FROM generate_series(1, 4);
    INSERT INTO things (at, c, b) VALUES ('2026-01-02', repeat('😀é"', 400000), 'Infinity'), ('2026-01-02', NULL, 'NaN');
    CREATE TABLE before AS SELECT * FROM things;`);
  expect(archive.run([{ table: 'public.things', by: 'at', days: 30, keep: 1 }])).toBe('');
  expect(archive.sql('SELECT count(*) FROM things')).toBe('0');
  archive.restore('public.things', 'restored_things');
  const rows = (table: string) => `SELECT t::text FROM ${table} t`;
  // Blanks between the tokens of a json column may become others.
  const spaces = `translate(e::text, E'\\n', ' ')`;
  expect(archive.sql(`UPDATE before SET e = (${spaces})::json; SELECT count(*) FROM restored_things`)).toBe('6');
  expect(archive.sql(`(${rows('before')} EXCEPT ALL ${rows('restored_things')})`)).toBe('');
  expect(archive.sql(`(${rows('restored_things')} EXCEPT ALL ${rows('before')})`)).toBe('');
});

/** Two batches, which is all there is to it, and short enough to be killed at every call. */
const FOUR = EIGHT.replace('(1, 8)', '(1, 4)');

test.each(['die', 'fail'] as const)('nothing is lost and nothing is there twice when it %ss at any call', (how) => {
  archive.sql(FOUR);
  archive.run([VISITS]);
  const { calls } = archive;
  expect(calls.length).toBeGreaterThan(50);
  const places = calls.flatMap((_, index) => (['before', 'after'] as const).map((when) => ({ at: index + 1, when, how })));
  // The run after a fault meets one, too, and the third finishes.
  const again = (at: number) => ({ at: 1 + ((at * 7) % 31), when: at % 2 ? 'before' : 'after', how }) as const;
  const afresh = `DROP SCHEMA IF EXISTS data_archive CASCADE; DROP TABLE visits; ${FOUR}`;
  const scenarios = places.map((place) => [place, again(place.at), { how: 'nothing' } as const]);
  const played = archive.play([VISITS], afresh, 'SELECT id FROM visits ORDER BY id', scenarios);
  const faults = played.flatMap((runs, index) => {
    const { at, when } = places[index];
    const found = runs.flatMap(({ said, left, archived, pending }, number) => {
      const all = [...left, ...archived].sort(byNumber);
      const last = number === 2;
      return [
        ...(new Set(all).size === all.length ? [] : [`twice: ${all}`]),
        ...(number === 0 && said === '' ? ['nothing went wrong'] : []),
        ...(last && said !== '' ? [`the end says ${said}`] : []),
        ...(last && JSON.stringify(all) !== JSON.stringify([1, 2, 3, 4, 100, 101]) ? [`has ${all}`] : []),
        ...(last && (left.length !== 2 || pending > 0) ? [`is not finished: ${left.length} left, ${pending} pending`] : []),
      ];
    });
    return found.map((fault) => `${when} call ${at} (${calls[at - 1]}): ${fault}`);
  });
  expect(faults).toEqual([]);
});

test('what people write meanwhile is kept, in the table or in the archive, in its last version', async () => {
  archive.sql(`CREATE TABLE visits (id serial PRIMARY KEY, at timestamptz, note text);
    INSERT INTO visits (at, note) SELECT timestamptz '2026-01-01' + n * interval '1 h', '' FROM generate_series(1, 300) n;
    CREATE TABLE changes (id int);`);
  const update = `WITH changed AS (UPDATE visits SET note = note || 'x' WHERE id = 1 + floor(random() * 300)::int RETURNING id)
    INSERT INTO changes SELECT id FROM changed;`;
  const insert = `INSERT INTO visits (at, note) VALUES ('2026-01-03', '');`;
  const writers = [update, update, insert].map((line) => archive.session(`${line}\n`.repeat(1500)));
  const ended = writers.map((writer) => once(writer, 'close'));
  for (let round = 0; round < 5; round++) await archive.start([VISITS], { ROWS: '20' });
  await Promise.all(ended);
  expect(archive.run([VISITS], undefined, { ROWS: '500' })).toBe('');
  expect(archive.sql('SELECT count(*) FROM visits')).toBe('0');
  const rows = archive.archived('public.visits').map((line) => JSON.parse(line) as { id: number; note: string });
  expect(rows).toHaveLength(1800);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(1800);
  const changes = archive.sql('SELECT id, count(*) FROM changes GROUP BY id').split('\n');
  expect(changes.length).toBeGreaterThan(50);
  const notes = new Map(rows.map(({ id, note }) => [id, note.length]));
  expect(changes.filter((line) => notes.get(Number(line.split('|')[0])) !== Number(line.split('|')[1]))).toEqual([]);
  const total = [...notes.values()].reduce((sum, length) => sum + length, 0);
  expect(total).toBe(Number(archive.sql('SELECT count(*) FROM changes')));
});

test('of two runs at once each row is archived by one', async () => {
  archive.sql(EIGHT);
  expect(await Promise.all([1, 2, 3].map(() => archive.start([VISITS])))).toEqual([0, 0, 0]);
  expect(ids().sort(byNumber)).toEqual(EIGHT_IDS);
  expect(left()).toEqual([100, 101]);
});

test('a day is a day of UTC, wherever database and server think they are', () => {
  archive.sql(`ALTER DATABASE shop SET timezone = 'Asia/Tokyo';
    CREATE TABLE visits (id int PRIMARY KEY, at timestamptz);
    CREATE TABLE plain (id int PRIMARY KEY, at timestamp);`);
  archive.sql(`INSERT INTO visits VALUES (1, '2026-01-01 23:30+00'), (2, '2026-01-02 00:30+00'), (3, '2026-01-02 09:00+09');
    INSERT INTO plain VALUES (1, '2026-01-01 23:30'), (2, '2026-01-02 00:30');
    INSERT INTO visits VALUES (4, (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '30 days') AT TIME ZONE 'UTC'),
      (5, (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '30 days 1 second') AT TIME ZONE 'UTC');`);
  expect(archive.run([VISITS, { ...VISITS, table: 'public.plain' }], undefined, { TZ: 'America/Lima' })).toBe('');
  const days = (table: string) =>
    Object.fromEntries(archive.keys(`archive/public.${table}/`).map((key) => [key.split('/')[2], 1]));
  expect(Object.keys(days('visits')).slice(0, 2)).toEqual(['day=2026-01-01', 'day=2026-01-02']);
  expect(Object.keys(days('plain'))).toEqual(['day=2026-01-01', 'day=2026-01-02']);
  expect(left()).toEqual([4]);
});

test('rows without a date, before our era or for ever stay', () => {
  archive.sql(`CREATE TABLE visits (id int PRIMARY KEY, at timestamptz);
    INSERT INTO visits VALUES (1, NULL), (2, '-infinity'), (3, 'infinity'), (4, '0044-03-15 BC'), (5, '2026-01-01'), (6, '3026-01-01');`);
  expect(archive.run([VISITS])).toBe('');
  expect(left()).toEqual([1, 2, 3, 4, 6]);
});

test('rows that somebody holds wait, hide no later day, and are told of when the next run finds them held again', async () => {
  archive.sql(EIGHT);
  const holder = archive.session('BEGIN;\nSELECT id FROM visits WHERE id < 5 FOR UPDATE;\nSELECT pg_sleep(60);\n');
  await once(holder.stdout!, 'data');
  expect(archive.run([VISITS])).toBe('');
  expect(left()).toEqual([1, 2, 3, 4, 100, 101]);
  const held = 'public.visits has rows of 2026-01-01 that others hold as in an earlier run: end what holds them';
  expect(archive.run([VISITS])).toBe(`RuntimeError: ${held}`);
  archive.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()`);
  await once(holder, 'close');
  expect(archive.run([VISITS])).toBe('');
  expect(left()).toEqual([100, 101]);
  expect(ids().sort(byNumber)).toEqual(EIGHT_IDS);
});

test('what does not fit is refused in one sentence, and the other tables have their turn', () => {
  archive.sql(`${EIGHT}
    CREATE TABLE orders (id int PRIMARY KEY, at date);
    CREATE TABLE lines (id int PRIMARY KEY, "order" int REFERENCES orders ON DELETE CASCADE);
    INSERT INTO orders VALUES (1, '2020-01-01');
    INSERT INTO lines VALUES (1, 1);
    CREATE TABLE keyless (at date);
    CREATE TABLE texts (id int PRIMARY KEY, at text);`);
  const rule = (table: string, by = 'at') => ({ ...VISITS, table: `public.${table}`, by });
  const said = archive.run([rule('orders'), rule('keyless'), rule('texts'), rule('visits', 'when'), rule('gone'), VISITS]);
  expect(said.replace('RuntimeError: ', '').split('; ')).toEqual([
    'public.orders is referenced by lines, whose rows need it: archive only what nothing refers to',
    'public.keyless has no primary key, by which its rows are deleted: give it one',
    'public.texts.at must be a date or timestamp, is text: archive by another column',
    'public.visits.when must be a date or timestamp, is not there: archive by another column',
    'public.gone.at must be a date or timestamp, is not there: archive by another column',
  ]);
  expect(archive.sql('SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM lines)')).toBe('1|1');
  expect(left()).toEqual([100, 101]);
});

test('what arrives damaged, or may not go, stays in the table', () => {
  archive.sql(EIGHT);
  expect(archive.run([VISITS], { how: 'damage' })).not.toBe('');
  expect(left()).toHaveLength(10);
  archive.sql(`CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER keep BEFORE DELETE ON visits FOR EACH ROW WHEN (OLD.id = 2) EXECUTE FUNCTION keep();`);
  expect(archive.run([VISITS])).toContain('public.visits lets 2 of 3 rows go: look for a trigger or policy that keeps them');
  expect(left()).toHaveLength(10);
  expect(archive.keys('archive/')).toEqual([]);
  archive.sql('DROP TRIGGER keep ON visits');
  expect(archive.run([VISITS])).toBe('');
  expect(ids().sort(byNumber)).toEqual(EIGHT_IDS);
});

test('an immutable archive locks every object for as long as its rule keeps it', () => {
  archive.sql(EIGHT);
  expect(archive.run([VISITS], undefined, { IMMUTABLE: '1' })).toBe('');
  const until = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
  expect(archive.locks).toEqual(Array(4).fill(`COMPLIANCE ${until}`));
});
