import type { Template } from '../../../lib/assembly/cloud-assembly';
import { isIntrinsic, isObject } from '../../../lib/assembly/values';

/**
 * A template with many of its values missing, conditional, or something else: the same for the same seed. Numbers and null are
 * left out, because cfn-guard stops at the first rule that meets one in place of a list.
 */
export function distorted(template: Template, seed: number): Template {
  let state = seed;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const pick = <T>(values: T[]): T => values[Math.floor(random() * values.length)];
  const result: Template = JSON.parse(JSON.stringify(template));
  const ids = Object.keys(result.Resources ?? {});

  const instead = (value: unknown): unknown => {
    const reference = { Ref: pick([...ids, 'Parameter']) };
    return pick<unknown>([
      undefined,
      { 'Fn::If': ['Condition', value, { Ref: 'AWS::NoValue' }] },
      { 'Fn::If': ['Condition', { Ref: 'AWS::NoValue' }, value] },
      reference,
      { 'Fn::GetAtt': [pick(ids), 'Arn'] },
      pick<unknown>(['', ' ', '*', true, false, 'true', 'false', [], {}, '0.0.0.0/0', '::/0', 'aws:kms']),
      typeof value === 'boolean' ? String(value) : value,
      typeof value === 'string' ? { 'Fn::Sub': value } : value,
      typeof value === 'string' ? [value] : value,
      Array.isArray(value) && value.length > 0 ? value[0] : value,
    ]);
  };
  const distort = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(distort);
    else if (isObject(value) && !isIntrinsic(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (random() < 0.2) value[key] = instead(item);
        else distort(item);
      }
    }
  };
  for (const resource of Object.values(result.Resources ?? {})) distort(resource.Properties);
  const Conditions = { Condition: { 'Fn::Equals': [{ Ref: 'Parameter' }, 'x'] } };
  return JSON.parse(JSON.stringify({ ...result, Conditions, Parameters: { Parameter: { Type: 'String', Default: 'x' } } }));
}
