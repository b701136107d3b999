import { App, Stack, Stage } from 'aws-cdk-lib';
import { openAndUnused } from './policy-findings';
import { ACCOUNT } from './stacks';
import { addStage, testProps } from './synth-stages';

function builtStage(stage: number, options: { domain?: boolean } = {}): Stage {
  const parent = new Stage(new App(), `stage${stage}`);
  const stack = new Stack(parent, 'Shop', { stackName: 'Shop', env: { account: ACCOUNT, region: 'us-east-1' } });
  const props = testProps(stack);
  addStage(stack, stage, options.domain === false ? { ...props, domain: undefined } : props);
  return parent;
}

describe.each([1, 2, 3, 4])('AwsSolutions at stage %d', (stage) => {
  test.each([true, false])('has no open finding and no unused acknowledgement (domain: %s)', (domain) => {
    expect(openAndUnused(builtStage(stage, { domain }))).toEqual({ open: [], unused: [] });
  });
});
