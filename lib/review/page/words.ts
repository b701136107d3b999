import { packOf, ruleOf } from '../rule-id';

/** `1 stack`, `2 stacks`, `1,200 stacks`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** A number with its thousands apart. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** `a, b and c`. */
export function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The time of a review, to the minute. */
export function minute(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `AWS::S3::Bucket` without its first word. */
export function shortType(type: string): string {
  return type.replace(/^AWS::/, '');
}

/** The rule of an id such as `AwsSolutions::AwsSolutions-IAM5[Resource::*]`: without its pack, and without the finding in brackets. */
export function ruleName(id: string): string {
  const pack = packOf(id);
  return ruleOf(id).slice(pack === undefined ? 0 : pack.length + 2);
}

/** The verdict's sentence without the answer it begins with, where that stands beside it. */
export function withoutAnswer(sentence: string, answer: string): string {
  if (!sentence.startsWith(`${answer}: `)) return sentence;
  const rest = sentence.slice(answer.length + 2);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** Whether an entrance answers an address of the internet, and not another service or nobody at all. */
export function isOpen(from: string): boolean {
  return !/^(nobody|CloudFront only)\b/.test(from);
}

/** Whether an entrance is open to the whole internet, in one way or another. */
export function isAnyone(from: string): boolean {
  return /^anyone\b/.test(from);
}
