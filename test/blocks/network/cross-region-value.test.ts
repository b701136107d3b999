import { App, CfnResource, Lazy, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type CrossRegionValueProps, crossRegionValue } from '../../../lib/blocks/network/cross-region-value';
import { ACCOUNT, testStack } from '../../stacks';

/** Two stacks of one app, the first of which has a topic. */
function twoStacks(env: { account?: string; region?: string } = { account: ACCOUNT, region: 'us-east-1' }) {
  const stack = env.region ? testStack({ env }) : new Stack(new App(), 'Shop');
  const other = new Stack(stack.node.root, 'Other', { env: { account: ACCOUNT, region: 'eu-central-1' } });
  const producer = new Construct(stack, 'Product');
  const topic = new sns.CfnTopic(producer, 'Topic');
  return { stack, other, producer, topic };
}

/** The template of the reader of a value. */
function reader(stack: Stack, value: string): Template {
  new CfnResource(stack, 'Reader', { type: 'Test::Reader', properties: { Value: value } });
  return Template.fromStack(stack);
}

const read = (template: Template) => Object.values(template.findResources('Test::Reader'))[0].Properties.Value;

describe('a value for another Region', () => {
  test('stays what it is within one stack', () => {
    const { stack, producer, topic } = twoStacks();
    const template = reader(stack, crossRegionValue(producer, { producer, name: 'TopicArn', value: topic.ref }));
    expect(read(template)).toEqual({ Ref: expect.stringMatching(/^ProductTopic/) });
    expect(template.findOutputs('*')).toEqual({});
  });

  test('arrives from another stack by its name, output and Region, when the reader deploys', () => {
    const { stack, other, producer, topic } = twoStacks();
    const template = reader(other, crossRegionValue(other, { producer, name: 'TopicArn', value: topic.ref }));
    const outputs = Template.fromStack(stack).findOutputs('*');
    const [name] = Object.keys(outputs);
    expect(outputs).toEqual({ [name]: { Value: { Ref: expect.stringMatching(/^ProductTopic/) } } });
    expect(read(template)).toEqual({
      'Fn::GetStackOutput': { StackName: 'Shop', OutputName: name, Region: 'us-east-1' },
    });
  });

  test('takes no export and no custom resource, so that the producer is free to change', () => {
    const { stack, other, producer, topic } = twoStacks();
    const template = reader(other, crossRegionValue(other, { producer, name: 'TopicArn', value: topic.ref }));
    const text = JSON.stringify([Template.fromStack(stack).toJSON(), template.toJSON()]);
    expect(text).not.toMatch(/Fn::ImportValue|"Export"|Custom::|AWS::Lambda/);
    expect(Object.keys(Template.fromStack(stack).toJSON().Resources)).toHaveLength(1);
    expect(Object.keys(template.toJSON().Resources)).toHaveLength(1);
  });

  test('makes the reader wait for the producer', () => {
    const { stack, other, producer, topic } = twoStacks();
    crossRegionValue(other, { producer, name: 'TopicArn', value: topic.ref });
    expect(other.dependencies).toEqual([stack]);
  });

  test('makes nobody wait where the producer already waits for the reader', () => {
    const { stack, other, producer, topic } = twoStacks();
    stack.addStackDependency(other);
    const value = crossRegionValue(other, { producer, name: 'TopicArn', value: topic.ref, producerFirst: false });
    expect(other.dependencies).toEqual([]);
    expect(read(reader(other, value))).toMatchObject({ 'Fn::GetStackOutput': { StackName: 'Shop' } });
  });

  test('of a stack without a Region names none: the producer deploys wherever its reader does', () => {
    const { other, producer, topic } = twoStacks({});
    const value = crossRegionValue(other, { producer, name: 'TopicArn', value: topic.ref });
    const { 'Fn::GetStackOutput': output } = read(reader(other, value));
    expect(Object.keys(output).sort()).toEqual(['OutputName', 'StackName']);
  });

  test('names the stack as it is deployed, not by its path', () => {
    const stage = new Stage(new App(), 'stage4');
    const env = { account: ACCOUNT, region: 'us-east-1' };
    const stack = new Stack(stage, 'Shop', { env, stackName: 'TheShop' });
    const other = new Stack(stage, 'Other', { env });
    const value = crossRegionValue(other, { producer: stack, name: 'Arn', value: new sns.CfnTopic(stack, 'Topic').ref });
    expect(read(reader(other, value))).toEqual({
      'Fn::GetStackOutput': { StackName: 'TheShop', OutputName: 'OutputArn', Region: 'us-east-1' },
    });
  });

  test('is put out once, however many read it', () => {
    const { stack, other, producer, topic } = twoStacks();
    const third = new Stack(stack.node.root, 'Third', { env: { account: ACCOUNT, region: 'us-west-2' } });
    const props: CrossRegionValueProps = { producer, name: 'TopicArn', value: topic.ref };
    const [first, second] = [crossRegionValue(other, props), crossRegionValue(third, props)];
    expect(stack.resolve(second)).toEqual(stack.resolve(first));
    expect(Object.keys(Template.fromStack(stack).findOutputs('*'))).toHaveLength(1);
  });

  test('shares its name with no other value of the producer', () => {
    const { other, producer, topic } = twoStacks();
    crossRegionValue(other, { producer, name: 'TopicArn', value: topic.ref });
    expect(() => crossRegionValue(other, { producer, name: 'TopicArn', value: topic.attrTopicName })).toThrow(
      new Error("name 'TopicArn' already stands for another value of Shop/Product: give each value its own"),
    );
  });

  test('may be known late', () => {
    const { stack, other, producer } = twoStacks();
    crossRegionValue(other, { producer, name: 'Late', value: Lazy.string({ produce: () => 'late' }) });
    expect(Object.values(Template.fromStack(stack).findOutputs('*'))).toEqual([{ Value: 'late' }]);
  });
});
