import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { MailWorld } from './mail-world';

const world = new MailWorld(19_000 + (process.pid % 1000));
beforeAll(async () => {
  cpSync(join(__dirname, 'idempotency.py'), join(world.folder, 'idempotency.py'));
  await world.open();
}, 60_000);
beforeEach(() => world.reset(), 60_000);
afterAll(() => world.close());

const run = async (...lines: string[]) =>
  JSON.parse((await world.python(['import json', 'from idempotency import *', ...lines].join('\n'))).stdout);

test('a message is taken once, and once completed it stays handled', async () => {
  expect(
    await run(
      'first = take("mail#1", 60)',
      'during = take("mail#1", 60)',
      'done = complete("mail#1", first)',
      'print(json.dumps([first.isdigit(), during, done, take("mail#1", 60), take("mail#2", 60).isdigit()]))',
    ),
  ).toEqual([true, 'INPROGRESS', true, 'COMPLETED', true]);
});

test('what a consumer that died has taken comes free when its time is up, and it can complete nothing any more', async () => {
  expect(
    await run(
      'now = time.time()',
      'dead = take("mail#1", 60, now)',
      'before = take("mail#1", 60, now + 59)',
      'second = take("mail#1", 60, now + 61)',
      'print(json.dumps([before, second.isdigit(), complete("mail#1", dead), release("mail#1", dead), complete("mail#1", second)]))',
    ),
  ).toEqual(['INPROGRESS', true, false, false, true]);
});

test('what failed is free at once, and what has expired is forgotten although DynamoDB still holds it', async () => {
  expect(
    await run(
      'now = time.time()',
      'failed = release("mail#1", take("mail#1", 60, now))',
      'ticket = take("mail#1", 60, now)',
      'complete("mail#1", ticket, now, 100)',
      'print(json.dumps([failed, ticket.isdigit(), take("mail#1", 60, now + 99), take("mail#1", 60, now + 102).isdigit()]))',
    ),
  ).toEqual([true, true, 'COMPLETED', true]);
});

test('of twenty at once one takes it', async () => {
  const [took, refused] = await run(
    'from concurrent.futures import ThreadPoolExecutor',
    'said = list(ThreadPoolExecutor(20).map(lambda _: take("mail#1", 60), range(20)))',
    'print(json.dumps([sum(one.isdigit() for one in said), said.count("INPROGRESS")]))',
  );
  expect([took, refused]).toEqual([1, 19]);
});
