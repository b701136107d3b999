import { RECOMMENDED_FLAGS } from '../recommended-flags';
import { expectEveryCombinationToClimb } from './climb-generated';

// As generated-options.test.ts, with feature flags and other combinations.
expectEveryCombinationToClimb({ seed: 20260102, flags: RECOMMENDED_FLAGS });
