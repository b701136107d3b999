import { checksFor } from '../../lib/review/checks/list';
import { PLANTED_FAULTS } from './planted-faults';
import { bedsOf, type Caught, caughtBy } from './planting';

describe('a fault planted into a template of ours', () => {
  let caught: Caught[];
  beforeAll(async () => {
    caught = await caughtBy(bedsOf(PLANTED_FAULTS), async () => checksFor({}));
  }, 300_000);

  test('is one of at least sixty, each with a name of its own', () => {
    expect(PLANTED_FAULTS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(PLANTED_FAULTS.map(({ name }) => name)).size).toBe(PLANTED_FAULTS.length);
    expect(caught.length).toBe(PLANTED_FAULTS.length);
  });

  test.each(PLANTED_FAULTS.map((fault): [string, string] => [fault.name, fault.by]))('%s, is reported by %s', (name, by) => {
    expect(caught.find(({ fault }) => fault.name === name)?.ids).toContain(by);
  });
});
