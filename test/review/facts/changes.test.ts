import type { Assembly } from '../../../lib/assembly/cloud-assembly';
import { changesBetween } from '../../../lib/review/facts/changes';
import { placesOf } from '../../../lib/review/places/places';
import { assembly, ref, resource, stack } from '../../promotion/templates';

function changes(before: Assembly, after: Assembly) {
  const { added, removed, changed, against } = changesBetween(before, after, placesOf(after));
  return {
    against,
    added: added.map(({ stack: path, logicalId }) => `${path}/${logicalId}`),
    removed: removed.map(({ stack: path, logicalId }) => `${path}/${logicalId}`),
    changed: changed.map(({ place, properties }) => `${place.stack}/${place.logicalId}: ${properties.join(', ')}`),
  };
}

const queue = (properties: Record<string, unknown> = {}, more = {}) => resource('AWS::SQS::Queue', properties, more);

describe('changes since an earlier assembly', () => {
  test('are resources that came, went and changed, with the properties that did', () => {
    const before = stack('Shop', {
      Jobs: queue({ VisibilityTimeout: 30, DelaySeconds: 1 }),
      Old: queue(),
      Same: queue({ A: 1, B: 2 }),
    });
    const after = stack('Shop', {
      Jobs: queue({ VisibilityTimeout: 60, KmsMasterKeyId: 'k' }),
      New: queue(),
      Same: queue({ B: '2', A: '1' }),
    });
    expect(changes(assembly(before), assembly(after))).toEqual({
      against: 'cdk.out',
      added: ['app/Shop/New'],
      removed: ['app/Shop/Old'],
      changed: ['app/Shop/Jobs: DelaySeconds, KmsMasterKeyId, VisibilityTimeout'],
    });
  });

  test('are changed policies and conditions of a resource, too', () => {
    const before = stack('Shop', { Jobs: queue({}, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }) });
    const after = stack('Shop', {
      Jobs: queue({}, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Retain', Condition: 'Large' }),
    });
    expect(changes(assembly(before), assembly(after)).changed).toEqual(['app/Shop/Jobs: Condition, DeletionPolicy']);
  });

  test('are no other spellings of the same', () => {
    const before = stack('Shop', {
      Jobs: queue({ QueueName: { 'Fn::Join': ['-', ['jobs', ref('AWS::Region')]] } }),
      CDKMetadata: resource('AWS::CDK::Metadata', { a: 1 }),
    });
    const after = stack('Shop', {
      Jobs: queue({ QueueName: 'jobs-us-east-1' }),
      CDKMetadata: resource('AWS::CDK::Metadata', { a: 2 }),
    });
    expect(changes(assembly(before), assembly(after))).toMatchObject({ added: [], removed: [], changed: [] });
  });

  test('are a new resource and a removed one where the type changed', () => {
    const before = stack('Shop', { It: queue() });
    const after = stack('Shop', { It: resource('AWS::SNS::Topic') });
    expect(changes(assembly(before), assembly(after))).toMatchObject({
      added: ['app/Shop/It'],
      removed: ['app/Shop/It'],
      changed: [],
    });
  });

  test('are all of a stack that came, and of one that went', () => {
    const one = stack('One', { A: queue() });
    const two = stack('One', { A: queue() }, { region: 'eu-west-1', constructPath: 'app/Other' });
    expect(changes(assembly(one), assembly(two))).toMatchObject({ added: ['app/Other/A'], removed: ['app/One/A'] });
  });

  test('are found within the stage where several stages have a stack of one name', () => {
    const stages = (timeout: number) =>
      ['stage1', 'stage2'].map((stage, index) =>
        stack('Shop', { Jobs: queue({ VisibilityTimeout: index * timeout }) }, { constructPath: `${stage}/Shop` }),
      );
    expect(changes(assembly(...stages(10)), assembly(...stages(20)))).toMatchObject({
      added: [],
      removed: [],
      changed: ['stage2/Shop/Jobs: VisibilityTimeout'],
    });
    expect(changes(assembly(...stages(10)), assembly(...stages(10).reverse())).changed).toEqual([]);
  });

  test('are found within the stage where its environment became known, too', () => {
    const stages = (region: string, timeout: number) =>
      ['stage1', 'stage2'].map((name, index) =>
        stack('Shop', { Jobs: queue({ VisibilityTimeout: index * timeout }) }, { constructPath: `${name}/Shop`, region }),
      );
    expect(changes(assembly(...stages('unknown-region', 10)), assembly(...stages('us-east-1', 10).reverse())).changed).toEqual(
      [],
    );
  });

  test('are found between two stages that are given by themselves', () => {
    const stage = (name: string, timeout: number) =>
      assembly(stack('Shop', { Jobs: queue({ VisibilityTimeout: timeout }) }, { constructPath: `${name}/Shop` }));
    expect(changes(stage('stage1', 1), stage('stage2', 2))).toMatchObject({
      added: [],
      removed: [],
      changed: ['stage2/Shop/Jobs: VisibilityTimeout'],
    });
  });

  test('are found in nested stacks, and where an environment became known', () => {
    const nest = (timeout: number, region: string) =>
      assembly(
        stack(
          'Shop',
          { Nest: resource('AWS::CloudFormation::Stack') },
          {
            region,
            nested: {
              Nest: stack(
                'Shop/Nest',
                { Jobs: queue({ VisibilityTimeout: timeout }) },
                { region, constructPath: 'app/Shop/Nest' },
              ),
            },
          },
        ),
      );
    expect(changes(nest(1, 'unknown-region'), nest(2, 'us-east-1')).changed).toEqual(['app/Shop/Nest/Jobs: VisibilityTimeout']);
  });
});
