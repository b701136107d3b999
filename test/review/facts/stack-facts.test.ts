import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readAssembly } from '../../../lib/assembly/cloud-assembly';
import { stackFactsOf } from '../../../lib/review/facts/stack-facts';
import { placesOf } from '../../../lib/review/places/places';
import { assembly, ref, resource, stack } from '../../promotion/templates';
import { synthStage } from '../../synth-stages';

describe('stacks and their limits', () => {
  test('are counted, nested ones by themselves', () => {
    const nested = stack('Shop/Nest', { Inner: resource('AWS::SQS::Queue') }, { constructPath: 'app/Shop/Nest' });
    const shop = stack(
      'Shop',
      { Nest: resource('AWS::CloudFormation::Stack'), Jobs: resource('AWS::SQS::Queue') },
      { nested: { Nest: nested }, outputs: { Jobs: { Value: ref('Jobs') } } },
    );
    const whole = assembly(shop);
    const facts = stackFactsOf(whole, placesOf(whole));
    expect(facts.map(({ stack: path, resources, outputs, parameters }) => [path, resources, outputs, parameters])).toEqual([
      ['app/Shop', { value: 2, limit: 500 }, { value: 1, limit: 200 }, { value: 0, limit: 200 }],
      ['app/Shop/Nest', { value: 1, limit: 500 }, { value: 0, limit: 200 }, { value: 0, limit: 200 }],
    ]);
    expect(facts[0]).toMatchObject({
      stackName: 'Shop',
      region: 'us-east-1',
      account: '111111111111',
      templateFile: 'Shop.template.json',
    });
    expect(facts[0].templateBytes).toEqual({ value: JSON.stringify(shop.template, undefined, 1).length, limit: 1_000_000 });
  });

  test('have the size of their file', () => {
    const directory = synthStage(1);
    const whole = readAssembly(directory);
    const [facts] = stackFactsOf(whole, placesOf(whole));
    expect(facts.templateBytes.value).toBe(statSync(join(directory, facts.templateFile)).size);
  });
});
