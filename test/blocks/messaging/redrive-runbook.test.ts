import type { Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { DomainEvents } from '../../../lib/blocks/messaging/domain-events';
import { JobQueue } from '../../../lib/blocks/messaging/job-queue';
import { RedriveRunbook } from '../../../lib/blocks/messaging/redrive-runbook';
import { testStack } from '../../stacks';
import { templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

interface Step {
  readonly name: string;
  readonly action: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs?: { Name: string; Selector: string }[];
  readonly isEnd?: boolean;
}

const made = (stack: Stack) => {
  const runbook = new RedriveRunbook(stack, 'Redrive');
  new JobQueue(stack, 'Jobs');
  new DomainEvents(stack, 'Events').addConsumer('Billing');
  return runbook;
};

function contentOf(template: Template): { parameters: Record<string, Record<string, unknown>>; mainSteps: Step[] } {
  const [document] = Object.values(template.findResources('AWS::SSM::Document'));
  return document.Properties.Content;
}

/** Amazon SQS as far as the runbook knows it: refuses what it refuses, and says what was called. */
class Queues {
  public readonly calls: string[] = [];
  private looks = 0;

  constructor(
    public waiting: number,
    private readonly moving = 2,
    private readonly end = 'COMPLETED',
  ) {}

  public call(api: string, inputs: Record<string, unknown>): unknown {
    this.calls.push(api);
    switch (api) {
      case 'GetQueueUrl':
        expect(inputs).toEqual({ QueueName: 'dead' });
        return { QueueUrl: 'https://sqs/dead' };
      case 'GetQueueAttributes':
        return inputs.QueueUrl === 'https://sqs/dead'
          ? { Attributes: { ApproximateNumberOfMessages: String(this.waiting) } }
          : { Attributes: { QueueArn: 'arn:aws:sqs:us-east-1:123456789012:jobs' } };
      case 'ListDeadLetterSourceQueues':
        expect(inputs).toEqual({ QueueUrl: 'https://sqs/dead' });
        return { queueUrls: ['https://sqs/jobs'] };
      case 'StartMessageMoveTask':
        expect(inputs).toEqual({
          SourceArn: 'arn:aws:sqs:us-east-1:123456789012:dead',
          DestinationArn: 'arn:aws:sqs:us-east-1:123456789012:jobs',
          MaxNumberOfMessagesPerSecond: '10',
        });
        return {};
      case 'ListMessageMoveTasks':
        this.looks += 1;
        if (this.looks > this.moving && this.end === 'COMPLETED') this.waiting = 0;
        return { Results: [{ Status: this.looks > this.moving ? this.end : 'RUNNING' }] };
      default:
        throw new Error(`no such call: ${api}`);
    }
  }
}

const select = (value: unknown, selector: string): string =>
  selector
    .replace(/^\$\.?/, '')
    .split(/\.|\[|\]\.?/)
    .filter((key) => key !== '')
    .reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], value) as string;

/** Runs a document as Systems Manager does; what its steps gave. */
function run(steps: Step[], queues: Queues, parameters: Record<string, string>): Record<string, string> {
  const known: Record<string, string> = { ...parameters };
  const fill = (value: unknown): unknown =>
    typeof value === 'string' ? value.replace(/\{\{ ?([\w.]+) ?\}\}/g, (_, name) => known[name] ?? `unknown ${name}`) : value;
  for (let index = 0; index < steps.length; index += 1) {
    const { name, action, inputs, outputs = [], isEnd } = steps[index];
    if (action === 'aws:branch') {
      const [choice] = inputs.Choices as { NextStep: string; Variable: string; StringEquals: string }[];
      if (fill(choice.Variable) !== choice.StringEquals) return known;
      index = steps.findIndex((step) => step.name === choice.NextStep) - 1;
      continue;
    }
    const { Service, Api, PropertySelector, DesiredValues, MaxResults: _, ...rest } = inputs;
    expect(Service).toBe('sqs');
    const call = () =>
      queues.call(String(Api), Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, fill(value)])) as never);
    let answer = call();
    if (action === 'aws:waitForAwsResourceProperty') {
      for (let tries = 0; !(DesiredValues as string[]).includes(select(answer, String(PropertySelector))); tries += 1) {
        if (tries > 10) throw new Error('waits for ever');
        answer = call();
      }
    }
    if (
      action === 'aws:assertAwsResourceProperty' &&
      !(DesiredValues as string[]).includes(select(answer, String(PropertySelector)))
    ) {
      throw new Error(`${name} failed`);
    }
    for (const { Name, Selector } of outputs) known[`${name}.${Name}`] = select(answer, Selector);
    if (isEnd) return known;
  }
  return known;
}

/** The steps with the account and Region of the tests in them. */
function steps(): Step[] {
  const text = JSON.stringify(contentOf(templateOf(made)).mainSteps);
  return JSON.parse(text.replace(/\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]*)"\]\]\}/g, '"arn:aws$1"'));
}

const ASKED = { DeadLetterQueue: 'dead', CountOnly: 'false', MessagesPerSecond: '10' };

describe('the redrive runbook', () => {
  test('offers the dead letters of every queue of its stack, those made after it too, and no other', () => {
    const { parameters } = contentOf(templateOf(made));
    expect(parameters.DeadLetterQueue.allowedValues).toEqual([
      { 'Fn::GetAtt': [expect.stringMatching(/^EventsBillingJobsDeadLetterQueue/), 'QueueName'] },
      { 'Fn::GetAtt': [expect.stringMatching(/^JobsDeadLetterQueue/), 'QueueName'] },
    ]);
    expect(parameters.CountOnly.default).toBe('true');
    expect(parameters.MessagesPerSecond.default).toBe(10);
    expect(parameters.MessagesPerSecond.allowedValues).toEqual([1, 5, 10, 50, 100, 500]);
  });

  test('counts and stops', () => {
    const queues = new Queues(7);
    expect(run(steps(), queues, { ...ASKED, CountOnly: 'true' })['count.Waiting']).toBe('7');
    expect(queues.calls).toEqual(['GetQueueUrl', 'GetQueueAttributes']);
  });

  test('moves them to where they came from, at the rate asked for, waits, and counts again', () => {
    const queues = new Queues(7);
    const known = run(steps(), queues, ASKED);
    expect([known['count.Waiting'], known['recount.Waiting']]).toEqual(['7', '0']);
    expect(queues.calls.filter((api) => api === 'StartMessageMoveTask')).toHaveLength(1);
  });

  test.each(['FAILED', 'CANCELLED'])('fails as soon as the move is %s', (end) => {
    const queues = new Queues(7, 2, end);
    expect(() => run(steps(), queues, ASKED)).toThrow('completed failed');
    expect(queues.calls.filter((api) => api === 'ListMessageMoveTasks')).toHaveLength(4);
  });

  test('gets new queues as a new version, and breaks no policy', () => {
    // Whatever else the property would do to a document in use (AWS::SSM::Document UpdateMethod).
    templateOf(made).hasResourceProperties('AWS::SSM::Document', { UpdateMethod: 'NewVersion' });
    const stack = testStack();
    expect(everyPack(made(stack))).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });
});
