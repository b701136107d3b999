import { expectEveryCombinationToClimb } from './climb-generated';
import { synthCombination } from './option-combinations';

// Half of the combinations; the other half, with feature flags, is in generated-options-flags.test.ts, so that Jest runs them side
// by side.
expectEveryCombinationToClimb({ seed: 20260102, runs: 105, flags: {} });

test('stage 3 with two zones is refused with what to do', () => {
  const twoZones = () =>
    synthCombination(3, {
      environment: 'us-east-1',
      network: 'two-then-three',
      ownKey: false,
      domain: 'none',
      server: [],
      regions: [],
      routing: 'latency',
      sizes: 'by-stage',
    });
  expect(twoZones).not.toThrow();
});
