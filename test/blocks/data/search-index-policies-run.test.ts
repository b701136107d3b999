import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IndexPolicy } from '../../../lib/blocks/data/index-policy';
import { SearchDomain } from '../../../lib/blocks/data/search-domain';
import { SearchFeed } from '../../../lib/blocks/data/search-feed';
import { SearchIndexPolicies } from '../../../lib/blocks/data/search-index-policies';
import { existingVpc, templateOf } from '../before-after';
import { OpenSearchPeer, type Run, run } from './search-doubles/opensearch';

/** The plan as it stands in the template. */
function planOf(options: { policies?: IndexPolicy[]; slowAfter?: Duration } = {}): { settings: object } {
  const template = templateOf((stack: Stack) => {
    const vpc = existingVpc(stack);
    const encryptionKey = new kms.Key(stack, 'Key');
    const domain = new SearchDomain(stack, 'Search', { vpc, encryptionKey });
    const it = new SearchIndexPolicies(stack, 'It', {
      vpc,
      vpcSubnets: { subnets: vpc.isolatedSubnets },
      domain,
      encryptionKey,
      ...options,
    });
    const role = iam.Role.fromRoleArn(stack, 'Feed', 'arn:aws:iam::123456789012:role/feed');
    it.feed(SearchFeed.of({ tables: [{ table: 'public.products', fields: { made_at: 'date' } }] }), role);
  });
  const [schedule] = Object.values(template.findResources('AWS::Scheduler::Schedule'));
  return JSON.parse(schedule.Properties.Target.Input);
}

jest.setTimeout(60_000);

const PLAN = planOf({ policies: [IndexPolicy.LOG_STREAMS, IndexPolicy.deleteAfter('sessions-*', Duration.days(7))] });
const EVERYTHING = [
  'PUT /_template/product-defaults',
  'PUT /_index_template/product-log-stream',
  'PUT /_index_template/product-feed-products',
  'PUT /_plugins/_ism/policies/log-stream',
  'PUT /_plugins/_ism/policies/sessions',
  'PUT /_plugins/_security/api/roles/product-feed',
  'PUT /_plugins/_security/api/rolesmapping/product-feed',
];

let peer: OpenSearchPeer;
beforeEach(async () => {
  peer = await new OpenSearchPeer().start();
});
afterEach(() => peer.stop());

const upkeep = (plan: object = PLAN, seconds?: number): Promise<Run> =>
  run(
    'search-index-policies.py',
    'handler',
    plan,
    { PEER: peer.url, ENDPOINT: peer.url, CREDENTIALS: 'arn', PAUSE: '0.01', WAIT: '2' },
    seconds,
  );

test('an empty domain gets everything once, and the next run writes nothing', async () => {
  peer.indexes = { products: { policy: null, settings: {} } };
  expect(await upkeep()).toMatchObject({ ok: true });
  expect(peer.writes).toEqual(EVERYTHING);
  expect(await upkeep()).toMatchObject({ ok: true, answer: { changed: [] } });
  expect(peer.writes).toEqual(EVERYTHING);
  expect(peer.mappings['product-feed'].backend_roles).toEqual(['arn:aws:iam::123456789012:role/feed']);
});

test('slow logs flow from indexes that were there before, and what an index says itself stays', async () => {
  const own = { 'index.search.slowlog.threshold.query.warn': '5s' };
  peer.indexes = {
    products: { policy: null, settings: {} },
    slow: { policy: null, settings: own },
    '.kibana': { policy: null, settings: {} },
  };
  await upkeep();
  expect(peer.indexes.products.settings).toEqual(PLAN.settings);
  expect(peer.indexes.slow.settings).toEqual({ ...PLAN.settings, ...own });
  expect(peer.indexes['.kibana'].settings).toEqual({});
});

test('indexes older than their policy come under it, others keep theirs, and the documents of the product have none', async () => {
  peer.indexes = {
    'sessions-1': { policy: null, settings: {} },
    'sessions-2': { policy: 'of-somebody-else', settings: {} },
    products: { policy: null, settings: {} },
    orders: { policy: null, settings: {} },
  };
  expect(await upkeep()).toMatchObject({ ok: true });
  expect(Object.entries(peer.indexes).map(([index, { policy }]) => [index, policy])).toEqual([
    ['sessions-1', 'sessions'],
    ['sessions-2', 'of-somebody-else'],
    ['products', null],
    ['orders', null],
  ]);
});

test('a policy that changed is written over the version that was read', async () => {
  await upkeep();
  const changed = planOf({ policies: [IndexPolicy.LOG_STREAMS, IndexPolicy.deleteAfter('sessions-*', Duration.days(9))] });
  expect(await upkeep(changed)).toMatchObject({ ok: true, answer: { changed: ['policy sessions'] } });
  expect(peer.policies.sessions.policy.states[0].transitions[0].conditions).toEqual({ min_index_age: '9d' });
  expect(peer.policies.sessions._seq_no).toBe(3);
});

test('somebody else was faster: 409, read again, and their change is not written over blindly', async () => {
  await upkeep();
  const changed = planOf({ policies: [IndexPolicy.LOG_STREAMS, IndexPolicy.deleteAfter('sessions-*', Duration.days(9))] });
  const between = () => {
    peer.policies.sessions = { ...peer.policies.sessions, _seq_no: 77 };
  };
  peer.faults = [{ method: 'PUT', path: /policies\/sessions/, how: 409, meanwhile: between }];
  expect(await upkeep(changed)).toMatchObject({ ok: true, answer: { changed: ['policy sessions'] } });
  expect(peer.requests.filter((one) => one === 'GET /_plugins/_ism/policies/sessions').length).toBe(3);
  expect(peer.policies.sessions.policy.states[0].transitions[0].conditions).toEqual({ min_index_age: '9d' });
});

test('two runs at the same time end in the same state', async () => {
  const runs = await Promise.all([upkeep(), upkeep(), upkeep()]);
  expect(runs.map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(Object.keys(peer.policies)).toEqual(['log-stream', 'sessions']);
  // A policy is made once, however many try: the others get 409 and see that it is theirs.
  expect(peer.writes.filter((one) => one === 'PUT /_plugins/_ism/policies/sessions').length).toBe(1);
});

test.each([
  ['a policy', 'PUT', /policies\/sessions/, 'PUT /_plugins/_ism/policies/sessions'],
  ['a template', 'PUT', /_index_template\/product-log/, 'PUT /_index_template/product-log-stream'],
  ['the defaults', 'PUT', /_template\/product-defaults/, 'PUT /_template/product-defaults'],
  ['a role', 'PUT', /api\/roles\//, 'PUT /_plugins/_security/api/roles/product-feed'],
  ['a mapping', 'PUT', /rolesmapping/, 'PUT /_plugins/_security/api/rolesmapping/product-feed'],
  ['an index', 'POST', /_ism\/add/, 'POST /_plugins/_ism/add/sessions-1'],
])('%s whose answer is lost is not written twice', async (_, method, path, write) => {
  peer.indexes = { 'sessions-1': { policy: null, settings: {} } };
  peer.faults = [{ method, path, how: 'lost' }];
  const { ok, answer } = await upkeep();
  expect(ok).toBe(true);
  expect(peer.writes.filter((one) => one === write)).toEqual([write]);
  expect((answer!.changed as string[]).length).toBe(8);
});

test.each<['silent' | 'torn' | number]>([[429], [500], [502], [503], ['silent'], ['torn']])(
  'a domain that answers %s once, to reading and to writing, is asked again',
  async (how) => {
    peer.faults = [
      { method: 'GET', path: /_index_template/, how },
      { method: 'PUT', path: /policies/, how },
      { method: 'PUT', path: /_settings/, how },
    ];
    expect(await upkeep()).toMatchObject({ ok: true });
    expect(peer.writes).toEqual(EVERYTHING);
    expect(peer.faults).toEqual([]);
  },
);

test('one that goes on refusing is given up, and the others are done all the same', async () => {
  peer.faults = Array.from({ length: 5 }, () => ({ method: 'PUT', path: /policies\/log-stream/, how: 503 }));
  const { ok, text } = await upkeep();
  expect(ok).toBe(false);
  expect(text).toContain('1 of 10 not done: policy log-stream: 503');
  expect(peer.writes).toEqual(EVERYTHING.filter((one) => !one.endsWith('policies/log-stream')));
  expect(await upkeep()).toMatchObject({ ok: true, answer: { changed: ['policy log-stream'] } });
});

test('what the domain finds fault with is told by name, once, and the others are done', async () => {
  peer.malformed = ['sessions', 'product-feed'];
  const { ok, text } = await upkeep();
  expect(ok).toBe(false);
  expect(text).toContain('3 of 10 not done: policy sessions: 400');
  expect(text).toContain('role product-feed: 400');
  expect(peer.requests.filter((one) => one === 'PUT /_plugins/_ism/policies/sessions').length).toBe(1);
  expect(peer.writes).toEqual(EVERYTHING.filter((one) => !/sessions|api/.test(one)));
});

test('a domain that is full takes no writes of indexes, and roles and members all the same', async () => {
  peer.faults = [
    { method: 'PUT', path: /policies\/sessions/, how: 'blocked' },
    { method: 'PUT', path: /_settings/, how: 'blocked' },
  ];
  const { ok, text } = await upkeep();
  expect(ok).toBe(false);
  expect(text).toContain('2 of 10 not done: policy sessions: 403');
  expect(text).toContain('cluster_block_exception');
  expect(peer.writes).toEqual(EVERYTHING.filter((one) => !one.endsWith('policies/sessions')));
});

test('a domain that lets nobody in with 403 is asked once', async () => {
  peer.faults = [{ method: 'GET', path: /./, how: 403 }];
  const { ok, text } = await upkeep();
  expect(ok).toBe(false);
  expect(text).toContain('1 of 10 not done: defaults product-defaults: 403');
  expect(peer.requests.length).toBe(1);
});

test('a wrong password is tried once, and no secret is in the log', async () => {
  peer.password = 'changed';
  const { ok, text } = await upkeep();
  expect(ok).toBe(false);
  expect(text).toContain('1 of 10 not done: defaults product-defaults: 401');
  expect(peer.requests.length).toBe(1);
  expect(text).not.toContain('right');
  expect(text).not.toContain(Buffer.from('search_admin:right').toString('base64'));
});

test('a domain that is gone ends in an error that says so', async () => {
  const { url } = peer;
  const gone = await run(
    'search-index-policies.py',
    'handler',
    { settings: PLAN.settings },
    { PEER: url, ENDPOINT: 'http://127.0.0.1:1', CREDENTIALS: 'arn', PAUSE: '0.01', WAIT: '2' },
  );
  expect(gone.ok).toBe(false);
  expect(gone.text).toContain('1 of 1 not done: settings: URLError');
});

test('with no time left it says what it did not do', async () => {
  const { ok, text } = await upkeep(PLAN, 1);
  expect(ok).toBe(false);
  expect(text).toContain('10 of 10 not done: defaults product-defaults: no time left');
  expect(peer.writes).toEqual([]);
});

test('templates of the product win over the defaults, and a clash with one is told', async () => {
  peer.templates = { theirs: { index_patterns: ['log-stream-*'], priority: 200 } };
  const { ok, text } = await upkeep();
  expect(ok).toBe(false);
  expect(text).toContain('template product-log-stream: 400');
  expect(peer.legacy['product-defaults']).toMatchObject({ order: -1, index_patterns: ['*'] });
  expect(peer.templates.theirs).toEqual({ index_patterns: ['log-stream-*'], priority: 200 });
});
