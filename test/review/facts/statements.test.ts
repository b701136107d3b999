import { assembly, att, ref, resource, retained, stack } from '../../promotion/templates';
import { statementsIn } from './in-words';

function identity(statement: Record<string, unknown>) {
  return {
    Policy: resource('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:us-east-1:111111111111:jobs', ...statement },
        ],
      },
    }),
  };
}

describe('statements to read', () => {
  test.each<[Record<string, unknown>, string[]]>([
    [{}, []],
    [{ Action: '*' }, ['every action of every service']],
    [{ Action: ['s3:*', 'sqs:*'] }, ['every action of s3, sqs']],
    [{ Action: ['s3:Get*', 's3:PutObject'] }, ['actions by pattern: s3:Get*']],
    [{ Action: undefined, NotAction: 'iam:*' }, ['every action but some (NotAction)']],
    [{ Resource: '*' }, ['every resource']],
    [{ Resource: 'arn:aws:sqs:*:*:*' }, ['resources by pattern: arn:aws:sqs:*:*:*']],
    [{ Resource: 'arn:aws:s3:::files/*' }, ['everything in arn:aws:s3:::files']],
    [{ Resource: { 'Fn::Join': ['', [att('Files', 'Arn'), '/*']] } }, ['everything in <Files.Arn>']],
    [{ Resource: undefined, NotResource: 'arn:aws:s3:::files' }, ['every resource but some (NotResource)']],
    [{ Effect: 'Deny', Action: '*', Resource: '*' }, []],
  ])('of an identity: %j', (statement, why) => {
    expect(statementsIn({ ...identity(statement), Files: retained('AWS::S3::Bucket') }).flatMap((one) => one.why)).toEqual(why);
  });

  test.each<[unknown, string[]]>([
    [{ Service: 'ecs-tasks.amazonaws.com' }, []],
    [{ AWS: 'arn:aws:iam::111111111111:root' }, []],
    [{ AWS: { 'Fn::Join': ['', ['arn:aws:iam::', ref('AWS::AccountId'), ':root']] } }, []],
    [{ AWS: att('Role', 'Arn') }, []],
    [{ AWS: '*' }, ['anyone may']],
    ['*', ['anyone may']],
    [{ AWS: 'arn:aws:iam::222222222222:root' }, ['account 222222222222 may, which is another one']],
    [{ AWS: '222222222222' }, ['account 222222222222 may, which is another one']],
    [{ AWS: ref('Partner') }, ['somebody may who is known only to a deploy (<Partner>)']],
    [{ Federated: 'arn:aws:iam::111111111111:oidc-provider/x' }, ['users of arn:aws:iam::111111111111:oidc-provider/x may']],
  ])('of trust: %j', (Principal, why) => {
    const role = resource('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] },
    });
    expect(statementsIn({ Role: role }).flatMap((one) => one.why)).toEqual(why);
  });

  test('of a resource name strangers, and whether conditions are asked of them', () => {
    const policy = (statement: Record<string, unknown>) => ({
      Jobs: retained('AWS::SQS::Queue'),
      Policy: resource('AWS::SQS::QueuePolicy', {
        Queues: [ref('Jobs')],
        PolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*', ...statement }],
        },
      }),
    });
    expect(statementsIn(policy({}))[0].why).toEqual(['anyone may']);
    expect(
      statementsIn(policy({ Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } } }))[0],
    ).toMatchObject({
      why: ['anyone may, on conditions'],
      conditions: ['StringEquals aws:SourceAccount: 111111111111'],
      principals: ['*'],
    });
    expect(
      statementsIn(policy({ Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::111111111111:root' } }))[0],
    ).toMatchObject({
      why: ['everybody but some (NotPrincipal)'],
      principals: ['all but arn:aws:iam::111111111111:root'],
    });
  });

  test('tell their ARNs as people do', () => {
    const arn = {
      'Fn::Join': [
        '',
        [
          'arn:',
          ref('AWS::Partition'),
          ':sqs:',
          ref('AWS::Region'),
          ':',
          ref('AWS::AccountId'),
          ':',
          att('Jobs', 'QueueName'),
          '*',
        ],
      ],
    };
    const agnostic = stack(
      'Shop',
      { ...identity({ Resource: arn }), Jobs: retained('AWS::SQS::Queue') },
      { region: 'unknown-region', account: 'unknown-account' },
    );
    expect(statementsIn(assembly(agnostic))[0].resources).toEqual(['arn:aws:sqs:<region>:<account>:<Jobs.QueueName>*']);
    expect(statementsIn({ ...identity({ Resource: arn }), Jobs: retained('AWS::SQS::Queue') })[0].resources).toEqual([
      'arn:aws:sqs:us-east-1:111111111111:<Jobs.QueueName>*',
    ]);
  });

  test('stand where their policy stands, and leave the acknowledgement to others', () => {
    const [found] = statementsIn(identity({ Resource: '*' }));
    expect(found.place).toMatchObject({ logicalId: 'Policy', path: 'app/Shop/Policy', type: 'AWS::IAM::Policy' });
    expect(found.acknowledgement).toBeUndefined();
  });
});
