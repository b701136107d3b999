import { ownRules } from '../own-rules';
import type { Check } from './check';
import { cloudFormationValidate } from './cloudformation-validate';
import { guard } from './guard';
import { nagPacks } from './nag';

/** The checks that npm can bring. */
export function checksFor(options: { readonly only?: string[] } = {}): Check[] {
  const { only } = options;
  const all = [guard, cloudFormationValidate, ...nagPacks, ownRules];
  const unknown = only?.find((pack) => !all.some((check) => check.pack === pack));
  if (unknown !== undefined) {
    throw new Error(`there is no check '${unknown}', take any of ${all.map(({ pack }) => pack).join(', ')}`);
  }
  return all.filter(({ pack }) => only?.includes(pack) ?? true);
}
