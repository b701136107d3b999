import { expectEveryCombinationToClimb } from './climb-generated';

// As generated-options.test.ts, with other combinations.
expectEveryCombinationToClimb({ seed: 20260104, runs: 51, flags: {} });
