import type { Assembly } from '../../../lib/assembly/cloud-assembly';
import { ACCOUNT } from '../../stacks';
import { assemblyOf } from './templates';

export type Statement = Record<string, unknown>;

/** What only a deploy knows. */
export const MAYBE = { Ref: 'Maybe' };
/** The account of the stacks, and another one. */
export const OWN = ACCOUNT;
export const OTHER = '210987654321';

/** A policy document whose statements allow unless they say otherwise. */
export function document(...statements: Statement[]) {
  return { Statement: statements.map((one) => ({ Effect: 'Allow', ...one })) };
}

/** A policy of an identity with these statements. */
export function policy(...statements: Statement[]): Assembly {
  return assemblyOf({ Policy: ['IAM::Policy', { PolicyDocument: document(...statements) }] });
}

/** A role with these statements of trust. */
export function role(...statements: Statement[]): Assembly {
  const trust = document(...statements.map((one) => ({ Action: 'sts:AssumeRole', ...one })));
  return assemblyOf({ Role: ['IAM::Role', { AssumeRolePolicyDocument: trust }] });
}

/** A policy of a queue with these statements. */
export function queue(...statements: Statement[]): Assembly {
  const PolicyDocument = document(...statements.map((one) => ({ Action: 'sqs:SendMessage', Resource: '*', ...one })));
  return assemblyOf({ QueuePolicy: ['SQS::QueuePolicy', { PolicyDocument }] });
}

/** A condition with one test. */
export function tested(operator: string, key: string, value: unknown = 'x') {
  return { Condition: { [operator]: { [key]: value } } };
}
