import { createHash } from 'node:crypto';
import { MailWorld } from './mail-world';

const SUPPRESS = '/v2/email/suppression/addresses';
const world = new MailWorld(18_000 + (process.pid % 1000));
beforeAll(() => world.open(), 60_000);
beforeEach(() => world.reset(), 60_000);
afterAll(() => world.close());

const say = (text: string) => process.stdout.write(`      e-mail feedback: ${text}\n`);
const pk = (address: string) => `email#${createHash('sha256').update(address).digest('hex')}`;

/** As the Amazon SES developer guide shows them. */
function bounce(messageId: string, addresses: string[], bounceType = 'Permanent', bounceSubType = 'General') {
  const bouncedRecipients = addresses.map((emailAddress) => ({ emailAddress, action: 'failed', status: '5.1.1' }));
  return { eventType: 'Bounce', bounce: { feedbackId: 'f', bounceType, bounceSubType, bouncedRecipients }, mail: { messageId } };
}

function complaint(messageId: string, addresses: string[], more: object = {}) {
  const complainedRecipients = addresses.map((emailAddress) => ({ emailAddress }));
  return { eventType: 'Complaint', complaint: { complainedRecipients, ...more }, mail: { messageId } };
}

async function expectNothingLeft(): Promise<void> {
  expect(await world.left()).toEqual({ waiting: [], dead: [] });
}

test('hard bounces and complaints are suppressed and noted, soft bounces are counted', async () => {
  await world.publish(
    bounce('m1', ['Ann <Ann@Example.com>', 'bob@example.com']),
    complaint('m2', ['cy@example.com']),
    bounce('m3', ['dee@example.com'], 'Transient', 'MailboxFull'),
    bounce('m4', ['dee@example.com'], 'Undetermined'),
    complaint('m5', ['eve@example.com'], { complaintFeedbackType: 'not-spam' }),
  );
  await world.work();
  expect(world.suppressed.map(({ EmailAddress, Reason }) => `${EmailAddress} ${Reason}`).sort()).toEqual([
    'ann@example.com BOUNCE',
    'bob@example.com BOUNCE',
    'cy@example.com COMPLAINT',
  ]);
  const rows = await world.rows();
  const told = rows.map((row) => [row.pk, row.sk, row.reason ?? row.bounces, row.expiresAt !== undefined]).sort();
  expect(told).toEqual(
    [
      [pk('ann@example.com'), 'suppressed', 'BOUNCE', false],
      [pk('bob@example.com'), 'suppressed', 'BOUNCE', false],
      [pk('cy@example.com'), 'suppressed', 'COMPLAINT', false],
      [pk('dee@example.com'), 'soft-bounces', '2', true],
    ].sort(),
  );
  for (const row of await world.allRows()) {
    if (row.sk.startsWith('feedback#')) expect(Number(row.expiresAt)).toBeGreaterThan(Date.now() / 1000 + 28 * 86400);
  }
  await expectNothingLeft();
}, 60_000);

test('duplicates change nothing, not even what people took back in between', async () => {
  const soft = bounce('m1', ['ann@example.com'], 'Transient');
  const hard = bounce('m2', ['bob@example.com']);
  await world.publish(soft, hard, soft, hard, soft);
  await world.work();
  await world.publish(soft, hard);
  await world.work();
  expect(world.suppressed).toHaveLength(1);
  expect((await world.rows()).find(({ sk }) => sk === 'soft-bounces')?.bounces).toBe('1');
  await expectNothingLeft();
}, 60_000);

test('a message that bounces softly, then for good, then is complained about counts as each', async () => {
  await world.publish(bounce('m', ['a@b.co'], 'Transient'), bounce('m', ['a@b.co']), complaint('m', ['a@b.co']));
  await world.work();
  expect(world.suppressed.map(({ Reason }) => Reason).sort()).toEqual(['BOUNCE', 'COMPLAINT']);
  expect((await world.allRows()).filter(({ sk }) => sk.startsWith('feedback#'))).toHaveLength(3);
}, 60_000);

test('poison goes to the dead letters after ten tries, and keeps nothing else from being handled', async () => {
  const poison = ['no json', '{}', '[]', { eventType: 'Delivery', mail: { messageId: 'x' } }, bounce('p', ['nobody'])];
  const good = Array.from({ length: 20 }, (_, index) => bounce(`m${index}`, [`user${index}@example.com`]));
  await world.publish(...poison, ...good, 'Successfully validated SNS topic for Amazon SES event publishing.');
  const log = await world.work();
  const { waiting, dead } = await world.left();
  expect(waiting).toEqual([]);
  expect(dead.sort()).toEqual(poison.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).sort());
  expect(new Set(world.suppressed.map(({ EmailAddress }) => EmailAddress)).size).toBe(20);
  expect(world.suppressed).toHaveLength(20);
  expect(log).not.toContain('@');
  say(`5 poison messages and 20 good ones: 5 dead letters, 20 suppressions, none twice`);
}, 120_000);

test('one recipient without an address fails the message, and the others of it are handled once', async () => {
  await world.publish(bounce('m', ['ann@example.com', 'nobody', 'bob@example.com']));
  await world.work();
  expect(world.suppressed).toEqual([{ EmailAddress: 'ann@example.com', Reason: 'BOUNCE' }]);
  expect((await world.left()).dead).toHaveLength(1);
}, 60_000);

test('throttling of Amazon SES is waited for, and what it outlasts comes again', async () => {
  const throttled = { status: 429, error: 'TooManyRequestsException' };
  world.mishaps[SUPPRESS] = Array.from({ length: 9 }, () => throttled);
  await world.publish(...Array.from({ length: 5 }, (_, index) => bounce(`m${index}`, [`user${index}@example.com`])));
  await world.work();
  expect(world.suppressed.map(({ EmailAddress }) => EmailAddress).sort()).toEqual(
    Array.from({ length: 5 }, (_, index) => `user${index}@example.com`),
  );
  expect(world.calls[SUPPRESS]).toBe(14);
  await expectNothingLeft();
}, 120_000);

test('calls that never arrive, and answers that get lost, are made up for', async () => {
  world.mishaps[SUPPRESS] = [{ hang: true }, { deaf: true }];
  world.mishaps.TransactWriteItems = [{ hang: true }, { deaf: true }];
  await world.publish(bounce('m1', ['ann@example.com']), bounce('m2', ['bob@example.com'], 'Transient'));
  await world.work();
  expect(new Set(world.suppressed.map(({ EmailAddress }) => EmailAddress))).toEqual(new Set(['ann@example.com']));
  const rows = await world.rows();
  expect(rows.map(({ reason, bounces }) => reason ?? bounces).sort()).toEqual(['1', 'BOUNCE']);
  await expectNothingLeft();
}, 120_000);

test('a conflict in the table is not taken for a duplicate', async () => {
  const more = { CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }] };
  world.mishaps.TransactWriteItems = Array.from({ length: 3 }, () => ({
    status: 400,
    error: 'TransactionCanceledException',
    more,
  }));
  await world.publish(bounce('m', ['ann@example.com'], 'Transient'));
  await world.work();
  expect((await world.rows()).map(({ bounces }) => bounces)).toEqual(['1']);
  await expectNothingLeft();
}, 60_000);

test('what there is no time for is left for the next try, and nothing of it twice', async () => {
  await world.publish(...Array.from({ length: 6 }, (_, index) => bounce(`m${index}`, [`user${index}@example.com`], 'Transient')));
  // A function that has less than its reserve left, three batches long.
  await world.work({ SECONDS: '10', BATCHES: '3' });
  expect(await world.rows()).toEqual([]);
  await world.work();
  expect((await world.rows()).map(({ bounces }) => bounces)).toEqual(Array(6).fill('1'));
  await expectNothingLeft();
}, 60_000);

test('killed around any of its calls, it is whole when the messages come again', async () => {
  const points = ['GetItem', SUPPRESS, 'TransactWriteItems'].flatMap((action) => [1, 2, 3].map((count) => ({ action, count })));
  let repeated = 0;
  for (const { action, count } of points) {
    await world.reset();
    await world.publish(
      ...[1, 2, 3].map((index) => bounce(`h${index}`, [`hard${index}@example.com`])),
      ...[1, 2, 3].map((index) => bounce(`s${index}`, [`soft${index}@example.com`], 'Transient')),
    );
    await world.killAt(action, count);
    // Until the queue shows them again.
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await world.work();
    const rows = await world.rows();
    expect([action, count, rows.filter(({ sk }) => sk === 'suppressed').length]).toEqual([action, count, 3]);
    expect(rows.filter(({ sk }) => sk === 'soft-bounces').map(({ bounces }) => bounces)).toEqual(['1', '1', '1']);
    const addresses = world.suppressed.map(({ EmailAddress }) => EmailAddress);
    expect(new Set(addresses).size).toBe(3);
    repeated += addresses.length - 3;
    await expectNothingLeft();
  }
  say(`killed at ${points.length} points: every count right; ${repeated} suppressions said again, which changes nothing`);
}, 300_000);

test('two handlers at once count once', async () => {
  const soft = bounce('m', ['ann@example.com'], 'Transient');
  await world.publish(...Array.from({ length: 30 }, () => soft));
  await Promise.all([world.work(), world.work()]);
  await new Promise((resolve) => setTimeout(resolve, 2100));
  await world.work();
  expect((await world.rows()).map(({ bounces }) => bounces)).toEqual(['1']);
  await expectNothingLeft();
}, 60_000);

test('what Amazon SES did not send because of its list is noted, and not put on the list again', async () => {
  await world.publish(bounce('m', ['ann@example.com'], 'Permanent', 'OnAccountSuppressionList'));
  await world.work();
  expect(world.suppressed).toEqual([]);
  expect((await world.rows()).map(({ reason }) => reason)).toEqual(['BOUNCE']);
}, 60_000);
