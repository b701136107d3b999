import { matches } from './action-patterns';
import { cidr } from './cidr';
import type { PolicyCondition, PolicyStatement } from './policy-statements';
import { writtenOut } from './written-out';

/**
 * Keys that hold a statement to somebody or somewhere, in small letters (Amazon S3 User Guide, The meaning of "public"; IAM
 * User Guide, AWS global condition context keys). `kms:ViaService` is none: every account's requests come through a service.
 */
const NARROWING = [
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpcarn',
  'aws:sourcevpce',
  'aws:userid',
  'aws:vpceaccount',
  'aws:vpceorgid',
  'aws:vpceorgpaths',
  'aws:vpcsourceip',
  'kms:calleraccount',
  'lambda:eventsourcetoken',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
];

/** Keys that say so by being true: who comes through a network of the owner, and services of AWS. */
const SWITCHES = ['aws:principalisawsservice', 'elasticfilesystem:accessedviamounttarget'];

/** Whether a statement gives to everybody: AWS accounts of others, and mostly people without any. */
export function isForAnyone({ effect, principals, notPrincipals }: PolicyStatement): boolean {
  if (effect !== 'Allow') return false;
  return notPrincipals.length > 0 || principals.some(({ kind, value }) => kind !== 'Service' && isAnybody(writtenOut(value)));
}

/** Whether a condition, or a denial in the same policy, holds a statement to somebody or somewhere. */
export function isNarrowed(statement: PolicyStatement, all: PolicyStatement[]): boolean {
  if (statement.conditions.some(narrows)) return true;
  return all.some(
    (other) =>
      other.effect === 'Deny' &&
      other.stack === statement.stack &&
      other.logicalId === statement.logicalId &&
      other.principals.some(({ value }) => value === '*') &&
      other.conditions.some(
        // Who is none of everybody is nobody.
        ({ operator, key, values }) =>
          /^(String|Arn)Not|^NotIpAddress/.test(operator) && isNarrowing(key) && !values.some(isEverything),
      ) &&
      statement.actions.every((action) => other.actions.some((denied) => matches(writtenOut(denied), writtenOut(action)))),
  );
}

/** Whether a test lets only some pass: not one that passes where the key is missing, nor one that everything passes. */
export function narrows({ operator, key, values }: PolicyCondition): boolean {
  if (operator === 'Bool' && SWITCHES.includes(key.toLowerCase())) return values.every((value) => String(value) === 'true');
  if (!isNarrowing(key) || /^ForAllValues:|IfExists$|Not/i.test(operator)) return false;
  return /(String|Arn)(Equals|Like)|^IpAddress$/i.test(operator) && values.length > 0 && !values.some(isEverything);
}

function isNarrowing(key: string): boolean {
  return NARROWING.includes(key.toLowerCase());
}

/** Everybody, or the principals of every account: IAM refuses the latter, but a reviewer reads it before IAM does. */
function isAnybody(principal: string): boolean {
  return principal === '*' || /^arn:[^:]*:(iam|sts)::[*?]+:/.test(principal);
}

/** `*`, any organization, an ARN of any account's thing, or more addresses than one owner has. */
function isEverything(value: unknown): boolean {
  const text = writtenOut(value);
  return /^[*?]*$|^o-[*?]+(\/.*)?$|^arn:\*|^\*:|\/0$/.test(text) || isOfAnyAccount(text) || (cidr(text)?.prefix ?? 32) < 8;
}

/** `arn:aws:sns:*:*:*`: what belongs to an account names it, but a bucket, which has a name of its own in the whole world. */
function isOfAnyAccount(arn: string): boolean {
  const [prefix, , service, , account, ...rest] = arn.replaceAll(/\$\{[^}]*\}/g, 'unknown').split(':');
  if (prefix !== 'arn' || account === undefined) return false;
  return /^[*?]+(\/.*)?$/.test(service === 's3' ? rest.join(':') : account);
}
