import type { StageProps } from './stage-props';

/** What a product may say from `Stage3Specialized` on, beside what it says at every stage. */
export interface Stage3SpecializedProps extends StageProps {}
