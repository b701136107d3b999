import { Match, Template } from 'aws-cdk-lib/assertions';
import { serverQueries, serviceQueries, slowStatementsQuery } from '../../../lib/blocks/observability/log-questions';
import { SavedQueries, type SavedQuery } from '../../../lib/blocks/observability/saved-queries';
import { testStack } from '../../stacks';
import { everyPack } from '../every-pack';

const QUERY = 'AWS::Logs::QueryDefinition';

/** The saved queries, by their names. */
function saved(queries: SavedQuery[], folder?: string): Record<string, { text: string; groups: string[] }> {
  const stack = testStack();
  new SavedQueries(stack, 'Queries', { queries, folder });
  const found = Object.values(Template.fromStack(stack).findResources(QUERY));
  return Object.fromEntries(
    found.map(({ Properties: { Name, QueryString, LogGroupNames } }) => [Name, { text: QueryString, groups: LogGroupNames }]),
  );
}

describe('saved queries', () => {
  const services = saved(serviceQueries({ webLogGroupNames: ['web', 'auth'], workerLogGroupNames: ['worker'] }));

  test('of services are five, in a folder named after the stack', () => {
    expect(Object.keys(services).sort()).toEqual([
      'Shop/errors by route',
      'Shop/everything about one request',
      'Shop/failures of the workers',
      'Shop/latency by route',
      'Shop/slowest requests',
    ]);
  });

  test('look where the lines are', () => {
    expect(services['Shop/errors by route'].groups).toEqual(['web', 'auth']);
    expect(services['Shop/failures of the workers'].groups).toEqual(['worker']);
    expect(services['Shop/everything about one request'].groups).toEqual(['web', 'auth', 'worker']);
  });

  test('count errors by route, and sort requests by how long they took', () => {
    expect(services['Shop/errors by route'].text).toMatch(
      /^filter status >= 500\n\| stats count\(\*\) as errors.* by route, status\n/,
    );
    expect(services['Shop/slowest requests'].text).toContain('\n| sort duration_ms desc\n| limit 50');
    expect(services['Shop/latency by route'].text).toContain('pct(duration_ms, 95) as p95');
    expect(services['Shop/everything about one request'].text).toContain("\n| filter request_id = 'WRITE THE ID HERE'\n");
  });

  test('of one server read the one log group, where nginx says uri and request_time', () => {
    const server = saved(serverQueries('server'), 'Little shop');
    expect(Object.keys(server).sort()).toEqual([
      'Little shop/errors by route',
      'Little shop/everything about one request',
      'Little shop/failures of the workers',
      'Little shop/slowest requests',
    ]);
    for (const { groups } of Object.values(server)) expect(groups).toEqual(['server']);
    expect(server['Little shop/errors by route'].text).toContain('by uri, status');
    expect(server['Little shop/failures of the workers'].text).toMatch(/^filter @logStream like '\/worker'\n/);
  });

  test('find slow statements in the lines PostgreSQL writes', () => {
    const { text } = saved([slowStatementsQuery('database')])['Shop/slow statements of the database'];
    const pattern = /parse @message \/(.+)\/\n/.exec(text)![1];
    const line = '2026-03-02 10:00:00 UTC:10.0.0.1(5):app@app:[7]:LOG:  duration: 1234.567 ms  statement: SELECT 1';
    expect(new RegExp(pattern).exec(line)?.groups).toEqual({ milliseconds: '1234.567', statement: 'statement: SELECT 1' });
  });

  test('pass every pack, and hold nothing', () => {
    const stack = testStack();
    const queries = new SavedQueries(stack, 'Queries', { queries: [slowStatementsQuery('database')] });
    expect(everyPack(queries)).toEqual({ open: [], unused: [] });
    Template.fromStack(stack).hasResource(QUERY, { DeletionPolicy: Match.absent() });
  });

  test('are at least one', () => {
    expect(() => new SavedQueries(testStack(), 'Queries', { queries: [] })).toThrow(
      new Error('queries must name at least one query, got none: leave the block out'),
    );
  });
});
