import { isIntrinsic, isObject, items } from '../../assembly/values';

/** What a template says to a question; `unknown` where only a deploy knows. */
export type Answer = 'yes' | 'no' | 'unknown';

/** Every value that a property may take, as far as its conditions tell. */
export function alternatives(value: unknown): unknown[] {
  if (!isObject(value)) return [value];
  if (value.Ref === 'AWS::NoValue') return [undefined];
  if (!isIntrinsic(value) || !('Fn::If' in value)) return [value];
  return items(value['Fn::If']).slice(1).flatMap(alternatives);
}

/** Whether a value meets a test, on every alternative. */
export function answer(value: unknown, test: (known: unknown) => boolean): Answer {
  const answers = new Set(alternatives(value).map((one) => (isIntrinsic(one) ? 'unknown' : test(one) ? 'yes' : 'no')));
  return answers.size === 1 ? ([...answers][0] as Answer) : 'unknown';
}

/** Whether a switch is on. */
export function isOn(value: unknown, byDefault = false): Answer {
  return answer(value, (known) => (known === undefined || known === null ? byDefault : String(known).toLowerCase() === 'true'));
}

/** The first of several answers that is not a plain no. */
export function anyOf(answers: Answer[]): Answer {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

/** A value as it stands in a sentence; what only a deploy knows is told as such. */
export function said(value: unknown): string {
  return typeof value === 'object' && value !== null ? '(known only to a deploy)' : String(value);
}
