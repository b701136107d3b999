import { isObject, items, valueAt } from '../../assembly/values';
import { embeddedJson } from './embedded-json';
import { behind, type FoundResource, resourcesOf } from './found-resource';
import { isUnknown, knownText } from './known-values';
import { type PolicyStatement, policyStatements } from './policy-statements';

export const QUEUE = 'AWS::SQS::Queue';
export const QUEUE_POLICY = 'AWS::SQS::QueuePolicy';

/** What a queue does with messages that nobody could handle. */
export interface Redrive {
  readonly target: unknown;
  readonly maxReceiveCount: unknown;
}

/** The redrive policy of a queue, as an object or as JSON. */
export function redriveOf({ properties }: FoundResource): Redrive | undefined {
  const written = properties.RedrivePolicy;
  const policy = embeddedJson(written) ?? written;
  if (!isObject(policy) || isUnknown(policy)) return undefined;
  return { target: policy.deadLetterTargetArn, maxReceiveCount: policy.maxReceiveCount };
}

/** An AWS service that sends to a queue. */
export interface Sender {
  /** The resource that makes it send. */
  readonly resource: FoundResource;
  /** Dotted path of the property that names the queue. */
  readonly property: string;
  /** Such as `sns.amazonaws.com`. */
  readonly service: string;
  readonly queue: FoundResource;
}

/** The services that send to queues by themselves. */
export const SENDERS = ['AWS::SNS::Subscription', 'AWS::Events::Rule', 'AWS::S3::Bucket'];

/** What sends to which queue, as far as the assembly has the queues. */
export function senders(resource: FoundResource): Sender[] {
  return mentions(resource).flatMap(({ arn, property, service }) =>
    behind(arn, resource, [QUEUE]).map((queue) => ({ resource, property, service, queue })),
  );
}

function mentions({ type, properties }: FoundResource): { arn: unknown; property: string; service: string }[] {
  switch (type) {
    case 'AWS::SNS::Subscription': {
      const service = 'sns.amazonaws.com';
      const redrive = valueAt(properties, ['RedrivePolicy', 'deadLetterTargetArn']);
      return [
        ...(properties.Protocol === 'sqs' ? [{ arn: properties.Endpoint, property: 'Endpoint', service }] : []),
        { arn: redrive, property: 'RedrivePolicy.deadLetterTargetArn', service },
      ];
    }
    case 'AWS::Events::Rule':
      return items(properties.Targets)
        .filter(isObject)
        .flatMap((target, index) => [
          // With a role, EventBridge sends as that role.
          ...(target.RoleArn === undefined ? [{ arn: target.Arn, property: `Targets.${index}.Arn` }] : []),
          { arn: valueAt(target, ['DeadLetterConfig', 'Arn']), property: `Targets.${index}.DeadLetterConfig.Arn` },
        ])
        .map((mention) => ({ ...mention, service: 'events.amazonaws.com' }));
    case 'AWS::S3::Bucket':
      return items(valueAt(properties, ['NotificationConfiguration', 'QueueConfigurations']))
        .filter(isObject)
        .map(({ Queue }, index) => ({
          arn: Queue,
          property: `NotificationConfiguration.QueueConfigurations.${index}.Queue`,
          service: 's3.amazonaws.com',
        }));
    default:
      return [];
  }
}

/** Whether the policies of a queue let a service send; undefined where a policy may be about any queue. */
export function letsSend(queue: FoundResource, service: string): boolean | undefined {
  const policies = resourcesOf(queue.assembly, [QUEUE_POLICY, 'AWS::SQS::QueueInlinePolicy']);
  if (policies.some(({ properties }) => isUnknown(properties.Queues) || isUnknown(properties.PolicyDocument))) return undefined;
  const own = policies.filter((policy) =>
    behind([policy.properties.Queues, policy.properties.Queue], policy, [QUEUE]).includes(queue),
  );
  return policyStatements(queue.assembly)
    .filter((statement) => own.some(({ stack, logicalId }) => stack === statement.stack && logicalId === statement.logicalId))
    .some((statement) => allows(statement, service, 'sqs:SendMessage'));
}

/** Whether a statement lets a service do something; conditions and resources are not looked at. */
export function allows({ effect, principals, actions, notActions }: PolicyStatement, service: string, action: string): boolean {
  if (effect !== 'Allow') return false;
  const isMeant = principals.some(({ kind, value }) => {
    const name = knownText(value);
    if (name === undefined) return kind === 'Service';
    return name === '*' || (kind === 'Service' && (name === service || name === `${service}.cn`));
  });
  return isMeant && (notActions.length > 0 || actions.some((pattern) => matches(pattern, action)));
}

/** Whether an action is among those of a pattern, whose wildcards are `*` and `?`. */
export function matches(pattern: unknown, action: string): boolean {
  const text = knownText(pattern);
  if (text === undefined) return true;
  const expression = text
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(action);
}
