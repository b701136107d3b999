import { expectEveryCombinationToClimb } from './climb-generated';
import { type Combination, synthCombination } from './option-combinations';

// Each of the two files tries every option on every climb; more would take CI past its time. Another seed tries others.
expectEveryCombinationToClimb({ seed: 20260101, runs: 28, flags: {} });

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
