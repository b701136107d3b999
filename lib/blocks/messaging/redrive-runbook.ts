import { Lazy, Stack } from 'aws-cdk-lib';
import type * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct, type IConstruct } from 'constructs';
import { automation } from '../operations/runbook';
import { JobQueue } from './job-queue';

/** Properties of a RedriveRunbook. */
export interface RedriveRunbookProps {
  /**
   * Below what it finds the queues: every `JobQueue` of its own stack.
   * @default - below the construct that it was made in
   */
  readonly queuesOf?: IConstruct;
}

/**
 * Sends dead letters back to the queue they came from, so many a second, once what made them fail is repaired; or only counts them.
 * What fails again comes back to the dead letters.
 *
 * It takes the dead-letter queue of any `JobQueue` of the stack, those made after it included, and no other. The way back is named,
 * not left to Amazon SQS, which knows none for what Amazon SNS, EventBridge or the scheduler could not deliver (StartMessageMoveTask).
 * Runs with the rights of whoever starts it: `JobQueue.grantRedrive`, `sqs:GetQueueUrl` and `sqs:ListDeadLetterSourceQueues`. Not
 * verified against AWS.
 */
export class RedriveRunbook extends Construct {
  public readonly document: ssm.CfnDocument;

  constructor(scope: Construct, id: string, props: RedriveRunbookProps = {}) {
    super(scope, id);
    const root = props.queuesOf ?? scope;
    const names = Lazy.uncachedList({ produce: () => queuesBelow(root, this).map((queue) => queue.deadLetterQueue.queueName) });
    const arn = Stack.of(this).formatArn({ service: 'sqs', resource: '{{ DeadLetterQueue }}' });
    const lastMove = {
      Service: 'sqs',
      Api: 'ListMessageMoveTasks',
      SourceArn: arn,
      MaxResults: 1,
      PropertySelector: '$.Results[0].Status',
    };
    this.document = automation(this, 'Document', {
      description:
        '# Send dead letters back\nMoves what is in a dead-letter queue to the queue it came from. First repair what made it fail; ' +
        'with CountOnly it says how many there are and stops.',
      parameters: {
        DeadLetterQueue: { type: 'String', description: 'Whose messages', allowedValues: names },
        CountOnly: {
          type: 'String',
          description: 'Whether to count them only',
          allowedValues: ['true', 'false'],
          default: 'true',
        },
        MessagesPerSecond: {
          type: 'Integer',
          description: 'No faster than the workers bear',
          default: 10,
          // Amazon SQS takes up to 500.
          allowedValues: [1, 5, 10, 50, 100, 500],
        },
      },
      outputs: ['count.Waiting', 'recount.Waiting'],
      mainSteps: [
        api('find', 'GetQueueUrl', { QueueName: '{{ DeadLetterQueue }}' }, { Url: '$.QueueUrl' }),
        count('count'),
        {
          name: 'whether',
          action: 'aws:branch',
          inputs: { Choices: [{ NextStep: 'origin', Variable: '{{ CountOnly }}', StringEquals: 'false' }] },
          isEnd: true,
        },
        api('origin', 'ListDeadLetterSourceQueues', { QueueUrl: '{{ find.Url }}' }, { Url: '$.queueUrls[0]' }),
        api(
          'destination',
          'GetQueueAttributes',
          { QueueUrl: '{{ origin.Url }}', AttributeNames: ['QueueArn'] },
          { Arn: '$.Attributes.QueueArn' },
        ),
        api('move', 'StartMessageMoveTask', {
          SourceArn: arn,
          DestinationArn: '{{ destination.Arn }}',
          MaxNumberOfMessagesPerSecond: '{{ MessagesPerSecond }}',
        }),
        {
          name: 'moved',
          action: 'aws:waitForAwsResourceProperty',
          // As long as Amazon SQS lets a move take.
          timeoutSeconds: 36 * 3600,
          inputs: {
            ...lastMove,
            // How a move ends; what it waits for must come, or it would wait a day and a half.
            DesiredValues: ['COMPLETED', 'FAILED', 'CANCELLED'],
          },
        },
        {
          name: 'completed',
          action: 'aws:assertAwsResourceProperty',
          inputs: { ...lastMove, DesiredValues: ['COMPLETED'] },
        },
        { ...count('recount'), isEnd: true },
      ],
    });
  }
}

function count(name: string): object {
  const attribute = 'ApproximateNumberOfMessages';
  return api(
    name,
    'GetQueueAttributes',
    { QueueUrl: '{{ find.Url }}', AttributeNames: [attribute] },
    { Waiting: `$.Attributes.${attribute}` },
  );
}

function api(name: string, Api: string, inputs: { [name: string]: unknown }, outputs: { [name: string]: string } = {}): object {
  return {
    name,
    action: 'aws:executeAwsApi',
    inputs: { Service: 'sqs', Api, ...inputs },
    outputs: Object.entries(outputs).map(([Name, Selector]) => ({ Name, Selector, Type: 'String' })),
  };
}

/** In the order of their paths, so that what is made in between does not change the document's order. */
function queuesBelow(root: IConstruct, reader: Construct): JobQueue[] {
  return root.node
    .findAll()
    .filter((child): child is JobQueue => child instanceof JobQueue)
    .filter((queue) => Stack.of(queue) === Stack.of(reader))
    .sort((one, other) => (one.node.path < other.node.path ? -1 : 1));
}
