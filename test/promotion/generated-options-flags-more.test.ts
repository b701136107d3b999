import { RECOMMENDED_FLAGS } from '../recommended-flags';
import { expectEveryCombinationToClimb } from './climb-generated';

// As generated-options-flags.test.ts, with other combinations.
expectEveryCombinationToClimb({ seed: 20260102, runs: 32, flags: RECOMMENDED_FLAGS });
