import { expectEveryCombinationToClimb } from './climb-generated';

// As generated-options.test.ts, with other combinations.
expectEveryCombinationToClimb({ seed: 20260107, runs: 28, flags: {} });
