import { type Death, Rotation } from './rotation';

let rotation: Rotation;
beforeAll(() => {
  rotation = new Rotation();
});
beforeEach(() => rotation.reset());
afterAll(() => rotation?.remove());

const say = (text: string) => process.stdout.write(`      password: ${text}\n`);

/** What must hold after every rotation that ended. */
function expectRotated(): void {
  const password = rotation.current();
  expect(password).not.toBe('first');
  expect([rotation.logsIn(password), rotation.logsIn('first')]).toEqual([true, false]);
  for (const { renewals } of Object.values(rotation.state.services)) expect(renewals).toBeGreaterThan(0);
}

test('the password changes, an open session lives, and every service is renewed once', async () => {
  const session = rotation.openSession('first', 'rotated');
  await session.opened;
  expect(rotation.run(rotation.begin())).toBe('');
  expectRotated();
  rotation.signal('rotated');
  expect((await session.said).split('\n')).toEqual(['open', 'app']);
  expect(Object.values(rotation.state.services).map(({ renewals }) => renewals)).toEqual([1, 1]);
  say(`rotated with ${rotation.state.calls.length} calls; the old password is refused, an open session answers`);
});

test('killed before or after any of its calls, it is whole when tried again', () => {
  rotation.run(rotation.begin());
  const calls = rotation.state.calls.length;
  // Before a call is after the one before it.
  const deaths: Death[] = [
    { call: 1, when: 'before' },
    ...Array.from({ length: calls }, (_, index): Death => ({ call: index + 1, when: 'after' })),
  ];
  let servedByOld = 0;
  for (const death of deaths) {
    rotation.reset();
    const token = rotation.begin();
    expect([death, rotation.run(token, death)]).toEqual([death, 'died']);
    if (rotation.logsIn('first')) servedByOld += 1;
    expect([death, rotation.run(token)]).toEqual([death, '']);
    expectRotated();
  }
  say(
    `killed at ${deaths.length} points, whole after one more try each; the old password still served at ${servedByOld} of them`,
  );
}, 300_000);

test('services of other stacks in the cluster get new tasks too, each once', () => {
  const { state } = rotation;
  rotation.write({ ...state, services: { ...state.services, api: { deployments: 1, renewals: 0 } } });
  rotation.cluster = 'tasks';
  try {
    expect(rotation.run(rotation.begin())).toBe('');
  } finally {
    rotation.cluster = undefined;
  }
  expectRotated();
  expect(Object.values(rotation.state.services).map(({ renewals }) => renewals)).toEqual([1, 1, 1]);
});

test('nothing changes while a service is being deployed', () => {
  const { state } = rotation;
  state.services.worker.deployments = 2;
  rotation.write(state);
  const token = rotation.begin();
  expect(rotation.run(token)).toContain('worker is being deployed: rotate again when that is done');
  expect([rotation.current(), rotation.logsIn('first')]).toEqual(['first', true]);
  rotation.write({ ...rotation.state, services: { ...state.services, worker: { deployments: 1, renewals: 0 } } });
  expect(rotation.run(token)).toBe('');
  expectRotated();
});

test('nothing changes while the database is busy', () => {
  const { state } = rotation;
  state.cluster.status = 'modifying';
  rotation.write(state);
  expect(rotation.run(rotation.begin())).toContain('the database is modifying: rotate again when it is available');
  expect([rotation.current(), rotation.logsIn('first')]).toEqual(['first', true]);
});

test('a service that refuses does not keep the others from being renewed, and is named', () => {
  const { state } = rotation;
  state.services.web.refuses = true;
  rotation.write(state);
  const token = rotation.begin();
  expect(rotation.run(token)).toContain('tasks that still have the old password: web: ThrottlingException');
  expect(rotation.state.services.worker.renewals).toBe(1);
  const healed = rotation.state;
  healed.services.web.refuses = false;
  rotation.write(healed);
  expect(rotation.run(token)).toBe('');
  expectRotated();
});

test('trying the configuration, as Secrets Manager does when a schedule is made, changes nothing', () => {
  expect(rotation.run(rotation.begin(), undefined, ['testSecret'])).toBe('');
  expect([rotation.current(), rotation.logsIn('first')]).toEqual(['first', true]);
  expect(new Set(rotation.state.calls)).toEqual(new Set(['describe_secret', 'describe_db_clusters']));
});

test('two rotations in a row leave one current password, which works', () => {
  rotation.run(rotation.begin());
  const first = rotation.current();
  expect(rotation.run(rotation.begin())).toBe('');
  expectRotated();
  expect(rotation.logsIn(first)).toBe(false);
});
