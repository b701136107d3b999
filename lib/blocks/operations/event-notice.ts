import { Aws, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

/** Properties of an EventNotice. */
export interface EventNoticeProps {
  /** Which events of AWS services. */
  readonly eventPattern: events.EventPattern;
  /** What the rule is for. */
  readonly description: string;
  /** Where they go; the policy of a topic made elsewhere must let events in, see `letEventsPublish`. */
  readonly topic: sns.ITopic;
  /** Parts of the event, by name, that the message tells of, such as `{ title: '$.detail.title' }`. @default - the whole event */
  readonly tells?: { [name: string]: string };
}

/** Sends some events of AWS services to a topic that people read. */
export class EventNotice extends Construct {
  public readonly rule: events.Rule;

  constructor(scope: Construct, id: string, props: EventNoticeProps) {
    super(scope, id);
    const { topic, tells } = props;
    letEventsPublish(this, topic);
    this.rule = new events.Rule(this, 'Rule', { description: props.description, eventPattern: props.eventPattern });
    acknowledge(this.rule, {
      id: 'Serverless::Serverless-EventBusDLQ',
      reason:
        'The rule wants a place for events that cannot be delivered. This one only tells people of what its service keeps and shows ' +
        'anyway, EventBridge tries for a day, and a queue that nobody reads would only hide that the topic is closed: the metric ' +
        'FailedInvocations of the rule shows it.',
    });
    // Not SnsTopic of the targets: it lets events of any account and rule publish.
    this.rule.addTarget({
      bind: () => ({
        arn: topic.topicArn,
        input:
          tells &&
          events.RuleTargetInput.fromObject(
            Object.fromEntries(Object.entries(tells).map(([name, path]) => [name, events.EventField.fromPath(path)])),
          ),
      }),
    });
  }
}

/** Lets rules of this account and Region publish to a topic. */
export function letEventsPublish(scope: Construct, topic: sns.ITopic): void {
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'EventsOfThisAccount',
      actions: ['sns:Publish'],
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      resources: [topic.topicArn],
      conditions: {
        ArnLike: {
          'aws:SourceArn': Stack.of(scope).formatArn({
            partition: Aws.PARTITION,
            service: 'events',
            resource: 'rule',
            resourceName: '*',
          }),
        },
      },
    }),
  );
}
