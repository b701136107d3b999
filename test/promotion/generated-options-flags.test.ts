import { RECOMMENDED_FLAGS } from '../recommended-flags';
import { expectEveryCombinationToClimb } from './climb-generated';

// The half without feature flags is in generated-options.test.ts.
expectEveryCombinationToClimb({ seed: 20260103, runs: 102, flags: RECOMMENDED_FLAGS });
