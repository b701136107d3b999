import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { RECOMMENDED_FLAGS } from './recommended-flags';

/** The account of every test; nothing asks AWS about it. */
export const ACCOUNT = '123456789012';

/** A stack with a concrete environment, as users should have. */
export function testStack(props: StackProps & { context?: Record<string, unknown>; id?: string } = {}): Stack {
  const { context, id, ...stackProps } = props;
  const app = new App({ context: { '@aws-cdk/core:defaultCrossStackReferences': 'weak', ...context } });
  return new Stack(app, id ?? 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' }, ...stackProps });
}

/** A stack that does not know its account and Region. */
export function agnosticStack(): Stack {
  return new Stack(new App(), 'Shop');
}

/** All flags a fresh `cdk init` turns on. */
export function withRecommendedFlags(): { context: Record<string, unknown> } {
  return { context: { ...RECOMMENDED_FLAGS } };
}
