import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { GeographicArea } from '../../lib/blocks/edge/geographic-area';
import type { FurtherRegion } from '../../lib/stages/further-region';
import { RECOMMENDED_FLAGS } from '../recommended-flags';
import { testDomain } from '../synth-stages';
import { planClimb, type StageSynthesis, stageWith } from './ladder';

const WEST: FurtherRegion = { region: 'us-west-2' };
const EUROPE: FurtherRegion = { region: 'eu-central-1' };
const ASIA: FurtherRegion = { region: 'ap-southeast-1', cacheCopy: false };

interface Product extends Omit<StageSynthesis, 'props'> {
  readonly withDomain?: boolean;
  readonly regions?: FurtherRegion[];
  readonly port?: number;
}

/** A product that stays at its stage while its owner changes something. */
function product(stage: number, { withDomain, regions = [WEST], port, ...rest }: Product = {}): Assembly {
  return stageWith(stage, {
    ...rest,
    props: (stack) => ({ regions, port, ...(withDomain ? { domain: testDomain(stack) } : {}) }),
  });
}

describe.each([1, 2, 3, 4])('at stage %d one safe deploy is enough', (stage) => {
  test.each<[string, Product, Product]>([
    ['for a domain that comes later', {}, { withDomain: true }],
    ['for turning all recommended feature flags on', { withDomain: true }, { withDomain: true, flags: RECOMMENDED_FLAGS }],
    ['for another port', { port: 8080 }, { port: 3000 }],
  ])('%s', (_, before, after) => {
    const { plan, faults } = planClimb(product(stage, before), product(stage, after));

    expect(faults).toEqual([]);
    expect(plan.deploys).toHaveLength(1);
  });
});

test.each<[string, FurtherRegion[], FurtherRegion[], number]>([
  ['one more region', [WEST], [WEST, EUROPE], 2],
  ['two more regions', [WEST], [WEST, EUROPE, ASIA], 2],
  ['the regions in another order', [WEST, EUROPE], [EUROPE, WEST], 1],
  ['areas instead of latency', [WEST], [{ ...WEST, serves: [GeographicArea.ASIA] }], 1],
  ['a copy of the cache', [{ ...WEST, cacheCopy: false }], [WEST], 1],
])('stage 4 takes %s without a loss', (_, before, after, deploys) => {
  const { plan, faults } = planClimb(
    product(4, { withDomain: true, regions: before }),
    product(4, { withDomain: true, regions: after }),
  );

  expect(faults).toEqual([]);
  expect(plan.deploys).toHaveLength(deploys);
});

test('a stack that is given its environment only after the first deploy is refused, because its subnets would be replaced', () => {
  const { plan } = planClimb(product(2, { env: undefined }), product(2));

  expect(plan.deploys).toEqual([]);
  expect(plan.impossible).toContain('SubnetGroup');
  expect(plan.impossible).toContain('which is itself replaced');
});
