import type { Assembly } from '../../assembly/cloud-assembly';
import { narrows } from '../template/openness';
import { type PolicyCondition, type PolicyStatement, policyStatements } from '../template/policy-statements';

/** Whom a statement lets in that its owner does not name: `anyone`, or addresses; undefined if it names everybody it lets in. */
export function strangersOf(statement: PolicyStatement): string | undefined {
  if (statement.effect === 'Deny' || statement.kind !== 'resource') return undefined;
  const anybody = statement.principals.some(({ kind, value }) => kind === 'AWS' && value === '*');
  if (!anybody && statement.notPrincipals.length === 0) return undefined;
  const isAddress = ({ key }: PolicyCondition) => key.toLowerCase() === 'aws:sourceip';
  const limits = statement.conditions.filter(narrows);
  if (limits.some((limit) => !isAddress(limit))) return undefined;
  const addresses = limits.flatMap(({ values }) => values);
  const known = addresses.filter((address): address is string => typeof address === 'string');
  if (limits.length === 0) return 'anyone';
  return known.length > 0 ? `addresses ${known.join(', ')}` : 'addresses that only a deploy knows';
}

/** What statements that deny ask for beside, such as an address; encryption on the way is not a limit on who. */
export function denialsOf(statements: PolicyStatement[]): string[] {
  const tests = statements.filter(({ effect }) => effect === 'Deny').flatMap(({ conditions }) => conditions);
  const keys = tests.map(({ key }: PolicyCondition) => key).filter((key) => key.toLowerCase() !== 'aws:securetransport');
  return [...new Set(keys)].map((key) => `denials by ${key}`);
}

/** The statements of one policy. */
export function statementsAt(assembly: Assembly, at: { stack: unknown; logicalId: string }): PolicyStatement[] {
  return policyStatements(assembly).filter(({ stack, logicalId }) => stack === at.stack && logicalId === at.logicalId);
}
