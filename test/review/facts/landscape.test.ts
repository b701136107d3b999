import type { AssemblyStack } from '../../../lib/assembly/cloud-assembly';
import { labelOf } from '../../../lib/review/facts/labels';
import { Landscape } from '../../../lib/review/facts/landscape';
import { readable } from '../../../lib/review/facts/readable';
import { assembly, att, ref, resource, stack, stackOutput } from '../../promotion/templates';

function ids(landscape: Landscape, value: unknown, from: AssemblyStack): string[] {
  return landscape.behind(value, from).map(({ stack: { region }, logicalId }) => `${region}:${logicalId}`);
}

/** Text for `Fn::Sub`. */
function filled(text: string): string {
  return text.replaceAll('#', '$');
}

describe('the landscape', () => {
  test('follows references within a stack, in joined and substituted text too', () => {
    const shop = stack('Shop', { Jobs: resource('AWS::SQS::Queue'), Events: resource('AWS::SNS::Topic') });
    const landscape = new Landscape(assembly(shop));
    expect(ids(landscape, { 'Fn::Join': ['', [ref('Jobs'), { 'Fn::Sub': filled('#{Events.TopicArn}') }]] }, shop)).toEqual([
      'us-east-1:Jobs',
      'us-east-1:Events',
    ]);
    expect(ids(landscape, ref('Elsewhere'), shop)).toEqual([]);
  });

  test('follows outputs, exports and outputs of outputs to other stacks', () => {
    const data = stack(
      'Data',
      { Jobs: resource('AWS::SQS::Queue') },
      { outputs: { JobsArn: { Value: att('Jobs', 'Arn') }, Exported: { Value: ref('Jobs'), Export: { Name: 'Data:Jobs' } } } },
    );
    const between = stack(
      'Between',
      {},
      { region: 'eu-west-1', outputs: { Passed: { Value: stackOutput('Data', 'JobsArn', 'us-east-1') } } },
    );
    const shop = stack('Shop', {});
    const landscape = new Landscape(assembly(data, between, shop));
    expect(ids(landscape, stackOutput('Between', 'Passed', 'eu-west-1'), shop)).toEqual(['us-east-1:Jobs']);
    expect(ids(landscape, { 'Fn::ImportValue': 'Data:Jobs' }, shop)).toEqual(['us-east-1:Jobs']);
    expect(ids(landscape, { 'Fn::ImportValue': 'Data:Jobs' }, between)).toEqual([]);
  });

  test('takes the output of the stage that is deployed beside the reader', () => {
    const stages = ['stage3', 'stage4'].map((stage) =>
      stack(
        'Shop',
        { [`${stage}Table`]: resource('AWS::DynamoDB::Table') },
        {
          constructPath: `${stage}/Shop`,
          outputs: { Table: { Value: ref(`${stage}Table`) } },
        },
      ),
    );
    const reader = stack('Shop-eu', {}, { region: 'eu-central-1', constructPath: 'stage4/Shop/eu' });
    expect(ids(new Landscape(assembly(...stages, reader)), stackOutput('Shop', 'Table', 'us-east-1'), reader)).toEqual([
      'us-east-1:stage4Table',
    ]);
  });

  test('follows parameters into nested stacks and outputs out of them', () => {
    const nested = stack('Shop/Nest', { Inner: resource('AWS::SQS::Queue') }, { outputs: { Queue: { Value: ref('Inner') } } });
    const shop = stack(
      'Shop',
      {
        Nest: resource('AWS::CloudFormation::Stack', { Parameters: { Topic: ref('Events') } }),
        Events: resource('AWS::SNS::Topic'),
      },
      { nested: { Nest: nested } },
    );
    const landscape = new Landscape(assembly(shop));
    expect(ids(landscape, att('Nest', 'Outputs.Queue'), shop)).toEqual(['us-east-1:Inner']);
    expect(ids(landscape, ref('Topic'), nested)).toEqual(['us-east-1:Events']);
  });

  test('follows what the CDK carries between Regions through parameters', () => {
    const name = '/cdk/exports/Shop/DataKeyArn';
    const data = stack('Data', {
      Key: resource('AWS::KMS::Key'),
      Writer: resource('Custom::CrossRegionExportWriter', { WriterProps: { exports: { [name]: att('Key', 'Arn') } } }),
    });
    const shop = stack('Shop', { Reader: resource('Custom::CrossRegionExportReader') }, { region: 'eu-west-1' });
    expect(ids(new Landscape(assembly(data, shop)), att('Reader', name), shop)).toEqual(['us-east-1:Key']);
  });

  test('does not hang on a circle of outputs', () => {
    const one = stack('One', {}, { outputs: { Out: { Value: stackOutput('Two', 'Out', 'us-east-1') } } });
    const two = stack('Two', {}, { outputs: { Out: { Value: stackOutput('One', 'Out', 'us-east-1') } } });
    expect(ids(new Landscape(assembly(one, two)), stackOutput('One', 'Out', 'us-east-1'), one)).toEqual([]);
  });

  test('leaves out what a known condition does not make, and takes in what a loop makes', () => {
    const shop = stack(
      'Shop',
      {
        Never: resource('AWS::SQS::Queue', {}, { Condition: 'Off' }),
        Maybe: resource('AWS::SQS::Queue', {}, { Condition: 'Open' }),
        'Fn::ForEach::Buckets': [
          'Name',
          ['a', 'b'],
          { [filled('Bucket#{Name}')]: resource('AWS::S3::Bucket', { BucketName: 'x' }) },
        ] as never,
      },
      { conditions: { Off: { 'Fn::Equals': ['a', 'b'] }, Open: { 'Fn::Equals': [ref('Size'), 'large'] } } },
    );
    const { things } = new Landscape(assembly(shop));
    expect(things.map(({ logicalId, type }) => `${logicalId} ${type}`)).toEqual([
      'Maybe AWS::SQS::Queue',
      'Fn::ForEach::Buckets AWS::S3::Bucket',
    ]);
  });
});

describe('labels', () => {
  const shop = stack(
    'Shop',
    {
      A: resource('AWS::SQS::Queue'),
      B: resource('AWS::SNS::Topic'),
      C: resource('AWS::Events::EventBus'),
      D: resource('AWS::ECS::Service'),
      E: resource('AWS::ECS::Service'),
      F: resource('AWS::S3::Bucket'),
    },
    {
      paths: {
        A: 'app/Shop/Product/Jobs/Queue',
        B: 'app/Shop/Product/Events/Topic',
        C: 'app/Shop/Product/Events/Bus',
        D: 'app/Shop/Product/Application/Service/Service/Service',
        E: 'app/Shop/Product/Application/Worker/Service/Service',
        F: 'app/Shop/Bucket/Resource',
      },
    },
  );
  const { things } = new Landscape(assembly(shop));

  test('are the segment of the path that tells things apart', () => {
    expect(things.map((thing) => labelOf(thing, things))).toEqual([
      'Jobs',
      'Events Topic',
      'Events Bus',
      'Service',
      'Worker',
      'Bucket',
    ]);
  });

  test('are logical ids where the assembly has no paths', () => {
    const bare = { ...stack('Bare', { Q: resource('AWS::SQS::Queue') }), paths: {} };
    expect(labelOf(new Landscape(assembly(bare)).things[0])).toBe('Q');
  });
});

describe('readable values', () => {
  const shop = stack('Shop', { Jobs: resource('AWS::SQS::Queue'), Stream: resource('AWS::MSK::Cluster') });
  const landscape = new Landscape(assembly(shop));

  test.each<[unknown, string]>([
    [
      {
        'Fn::Join': [
          '',
          ['arn:', ref('AWS::Partition'), ':sqs:', ref('AWS::Region'), ':', ref('AWS::AccountId'), ':', att('Jobs', 'QueueName')],
        ],
      },
      'arn:aws:sqs:<region>:<account>:<Jobs.QueueName>',
    ],
    [{ 'Fn::Sub': filled('arn:aws:s3:::#{Name}/*') }, 'arn:aws:s3:::<Name>/*'],
    [{ 'Fn::Sub': [filled('#{Queue}-#{AWS::Region}'), { Queue: ref('Jobs') }] }, '<Jobs>-<region>'],
    [{ 'Fn::If': ['Large', 'a', 'b'] }, 'a or b'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':cluster/', att('Stream', 'Arn')] }] }, '<Stream.Arn after :cluster/>'],
    [{ 'Fn::Select': [2, { 'Fn::Split': ['/', ref('Jobs')] }] }, '<part 2 of Jobs by />'],
    [{ 'Fn::ImportValue': 'other:Key' }, '<import other:Key>'],
    [stackOutput('Other', 'Arn', 'eu-west-1'), '<Other.Arn>'],
    [{ 'Fn::GetAZs': 'x' }, '<GetAZs of x>'],
    [['a', ref('Jobs')], 'a, <Jobs>'],
    [{ some: 'object' }, '{"some":"object"}'],
    [undefined, ''],
  ])('say %j as people do', (value, text) => {
    expect(readable(value, shop, landscape)).toBe(text);
  });
});
