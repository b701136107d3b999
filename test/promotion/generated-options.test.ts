import { expectEveryCombinationToClimb } from './climb-generated';
import { type Combination, synthCombination } from './option-combinations';

// As few combinations as try every option on every climb, for CI to keep its time: climb-generated.ts says how to try more.
expectEveryCombinationToClimb({ seed: 20260101, flags: {} });

test('a third zone must be appended before stage 3', () => {
  const combination: Combination = {
    environment: 'us-east-1',
    network: 'two-zones',
    ownKey: false,
    domain: 'none',
    server: ['withDatabase', 'withDatabase', 'withDatabase', 'withDatabase'],
    regions: [],
    routing: 'latency',
    sizes: 'by-stage',
  };

  expect(() => synthCombination(2, combination)).not.toThrow();
  expect(() => synthCombination(3, combination)).toThrow(
    'availabilityZones must name three zones from Stage3Specialized on, got 2: append a third (Redshift Serverless needs three; its addresses are reserved, nothing moves)',
  );
});
