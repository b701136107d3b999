import { ServerOption } from '../../lib/stages/server-option';
import { normalised } from './normalised';
import { synthesized } from './synthesized';

/*
 * An alarm bell, not a proof: it rings whenever a template changes at all. Read the difference, ask of each line whether a product
 * that is running could bear it (test/promotion asks too), then say `npx jest test/stages/snapshot.test.ts -u`.
 */
describe.each([1, 2, 3])('stage %d', (stage) => {
  test('is as it was', () => {
    const { stacks } = synthesized(stage).assembly;
    expect(`\n${stacks.map(normalised).join('\n\n')}\n`).toMatchSnapshot();
  });
});

describe('stage 4', () => {
  const regions = [{ region: 'us-east-1' }];
  const server = ServerOption.movedOut('row counts compared on 2026-03-02');
  const { stacks } = synthesized(4, { regions, server }, { env: { account: '123456789012', region: 'eu-central-1' } }).assembly;

  test.each(stacks.map((stack): [string, (typeof stacks)[0]] => [stack.stackName, stack]))('is as it was: %s', (_, stack) => {
    expect(`\n${normalised(stack)}\n`).toMatchSnapshot();
  });
});
