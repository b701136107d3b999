import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ProductImage } from '../../lib/blocks/compute/product-image';
import { ServerOption } from '../../lib/stages/server-option';
import { Stage1Single } from '../../lib/stages/stage1-single';
import { Stage2Replicated } from '../../lib/stages/stage2-replicated';

const image = ProductImage.fromRegistry('example/shop:1.4.2');
const NAME = '/data-move/Shop/Product';

function stage2(server?: ServerOption, id = 'Product'): Template {
  const stack = new Stack(new App(), 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  new Stage2Replicated(stack, id, { image, server });
  return Template.fromStack(stack);
}

function parameters(template: Template): { [logicalId: string]: { Type: string; Default: string } } {
  return template.findParameters('*', { Type: 'AWS::SSM::Parameter::Value<String>' }) as never;
}

function records(template: Template): string[] {
  return Object.values(parameters(template))
    .map(({ Default }) => Default)
    .filter((name) => name.startsWith('/data-move/'));
}

function runbooks(template: Template): string[] {
  return Object.keys(template.findResources('AWS::SSM::Document')).filter((id) => id.includes('DataMoveRunbook'));
}

test('retiring the server wants the record that the move leaves, under the name that the move writes', () => {
  const retired = stage2(ServerOption.retired('two weeks without a request'));
  expect(records(retired)).toEqual([NAME]);
  expect(Object.values(retired.toJSON().Outputs)).toContainEqual(
    expect.objectContaining({ Value: { Ref: 'ProductDataMoveRecord64C314DF' } }),
  );
  expect(JSON.stringify(stage2().findResources('AWS::SSM::Document'))).toContain(`readonly RECORD_PARAMETER='${NAME}'`);
});

test('whoever moved by other means retires the server without it, and says why', () => {
  expect(records(stage2(ServerOption.retiredWithoutRecord('moved with DMS, ticket OPS-112')))).toEqual([]);
  expect(() => ServerOption.retiredWithoutRecord('trust me')).toThrow(
    "record must say why that is safe in three words or more, got: 'trust me'",
  );
});

test.each([
  ['it holds the data', undefined, 1],
  ['the data has moved out and one can still go back', ServerOption.movedOut('row counts compared on 2026-03-02'), 1],
  ['the database was never on it', ServerOption.withoutDatabase(), 0],
  ['it is retired', ServerOption.retired('two weeks without a request'), 0],
  ['there never was one', ServerOption.never('started at the second stage'), 0],
])('the runbook of the move is there where the server is and %s: %#', (_, server, count) => {
  const template = stage2(server);
  expect(runbooks(template)).toHaveLength(count);
  if (server?.needsMoveRecord !== true) expect(records(template)).toEqual([]);
});

test('the first stage has nothing to move to', () => {
  const stack = new Stack(new App(), 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  new Stage1Single(stack, 'Product', { image });
  expect(runbooks(Template.fromStack(stack))).toEqual([]);
});

test('an id with characters that a parameter cannot have gets others in their place', () => {
  expect(records(stage2(ServerOption.retired('two weeks without a request'), 'My shop'))).toEqual(['/data-move/Shop/My-shop']);
});
