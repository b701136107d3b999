import type { Assembly } from '../../../assembly/cloud-assembly';
import { isIntrinsic, isObject } from '../../../assembly/values';
import { policyStatements } from '../../template/policy-statements';
import { type Answer, answer } from '../answers';
import type { Landscape, Thing } from '../landscape';

/** How something encrypts, in the words of the review. */
export interface Sealing {
  readonly atRest: string;
  readonly inTransit: string;
  readonly because: string;
  readonly attention?: string;
}

/** What is known while a thing is looked at. */
export interface Surroundings {
  readonly landscape: Landscape;
  readonly assembly: Assembly;
}

/** Tells how things of a type encrypt; several entries where several parts differ. */
export type Sealer = (thing: Thing, surroundings: Surroundings) => Sealing | Sealing[];

export const CUSTOMER_KEY = 'customer key';
export const MANAGED_KEY = 'AWS managed key';
export const SERVICE_DEFAULT = 'service default';
export const NONE = 'none';
export const NOTHING_AT_REST = 'nothing at rest';
/** Of the endpoints of AWS only those of S3, DynamoDB, SQS and SNS answer plain HTTP (botocore, endpoints.json, protocols). */
export const REQUIRED = 'required';
export const OFFERED = 'offered';
export const DOES_NOT_TRAVEL = 'does not travel';
export const UNKNOWN = 'known only to a deploy';

/** What a property that names a key means. */
export function keyKind(key: unknown, { stack }: Thing, landscape: Landscape, byDefault: string): string {
  if (key === undefined || key === '') return byDefault;
  if (typeof key === 'string') return /(^|\/)?alias\/aws\//.test(key) ? MANAGED_KEY : CUSTOMER_KEY;
  if (JSON.stringify(key).includes('alias/aws/')) return MANAGED_KEY;
  const leads = landscape.behind(key, stack).some(({ type }) => type.startsWith('AWS::KMS::'));
  // A parameter may hold the alias of a managed key; an import or an output of another app is a key that somebody made.
  return leads || !isParameter(key) ? CUSTOMER_KEY : `a key that only a deploy knows`;
}

function isParameter(value: unknown): boolean {
  return isObject(value) && isIntrinsic(value) && ('Ref' in value || 'Fn::If' in value);
}

/** What a switch for encryption at rest means, together with the key it goes by. */
export function switched(isOn: Answer, kind: string): string {
  return isOn === 'yes' ? kind : isOn === 'no' ? NONE : UNKNOWN;
}

/** How a switch reads as a word of the review. */
export function word(is: Answer, yes: string, no: string): string {
  return is === 'yes' ? yes : is === 'no' ? no : UNKNOWN;
}

/** Whether a policy of a resource refuses whoever comes without encryption. */
export function refusesPlainText(
  thing: Thing,
  policyType: string,
  property: string,
  { assembly, landscape }: Surroundings,
): boolean {
  const policies = [
    thing,
    ...landscape
      .ofType(policyType)
      .filter((policy) => landscape.behind(policy.properties[property], policy.stack).includes(thing)),
  ];
  return policyStatements(assembly).some(
    ({ stack, logicalId, effect, conditions }) =>
      effect === 'Deny' &&
      policies.some((policy) => policy.stack === stack && policy.logicalId === logicalId) &&
      conditions.some(({ key, values }) => key.toLowerCase() === 'aws:securetransport' && values.map(String).includes('false')),
  );
}

/** Whether a parameter group that a resource names sets a parameter to one of some values. */
export function parameterIs(group: unknown, { stack }: Thing, landscape: Landscape, name: string, values: string[]): Answer {
  const found = landscape.behind(group, stack).find(({ type }) => type.endsWith('ParameterGroup'));
  const { Parameters } = found?.properties ?? {};
  if (!isObject(Parameters) || Parameters[name] === undefined) return 'no';
  return answer(Parameters[name], (value) => values.includes(String(value).toLowerCase()));
}

/** Where a template is silent. */
export function unset(property: string, meaning: string): string {
  return `${property} is not set: ${meaning}`;
}
