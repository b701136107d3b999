import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ProductImage } from '../../lib/blocks/compute/product-image';
import { ServerOption } from '../../lib/stages/server-option';
import { Stage1Single } from '../../lib/stages/stage1-single';
import { Stage2Replicated } from '../../lib/stages/stage2-replicated';

/** The bucket of the dumps, and those of its logs, by logical id. */
function dumps(Stage: typeof Stage1Single | typeof Stage2Replicated, server: ServerOption) {
  const stack = new Stack(new App(), 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  new Stage(stack, 'Product', { image: ProductImage.fromRegistry('example/shop:1.0.0'), server });
  const buckets = Object.entries(Template.fromStack(stack).findResources('AWS::S3::Bucket'));
  return Object.fromEntries(buckets.filter(([id]) => id.startsWith('ProductServerDumps')));
}

describe('the dumps of the server', () => {
  const atFirst = dumps(Stage1Single, ServerOption.withDatabase());

  test('are at the first stage', () => {
    expect(Object.keys(atFirst)).toHaveLength(2);
    for (const { DeletionPolicy, UpdateReplacePolicy } of Object.values(atFirst)) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
  });

  test.each([
    ['that serves', ServerOption.withDatabase()],
    ['that was moved out of', ServerOption.movedOut('verified on 2026-11-22, see the record')],
    ['that is retired', ServerOption.retired('verified on 2026-11-22, see the record')],
  ])('are the same at the next, with a server %s', (_, option) => {
    expect(dumps(Stage2Replicated, option)).toEqual(atFirst);
  });

  test('are nowhere where there never was a server', () => {
    expect(dumps(Stage2Replicated, ServerOption.never('starts at this stage'))).toEqual({});
  });
});
