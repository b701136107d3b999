import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importAcrossRegions } from '../../../lib/review/rules/import-across-regions';
import { stackOutputMissing } from '../../../lib/review/rules/stack-output-missing';
import { stackOutputOfAStranger } from '../../../lib/review/rules/stack-output-of-a-stranger';
import { templateNearLimits } from '../../../lib/review/rules/template-near-limits';
import { templateTooLarge } from '../../../lib/review/rules/template-too-large';
import { assembly, found, output, resource, stack, testRules, UNKNOWN } from './rule-cases';

const taking = (value: unknown) => ({ Topic: resource('SNS::Topic', { DisplayName: value }) });
const offering = (region: string, more = {}) =>
  stack(
    {},
    { stackName: 'Maker', region, sections: { Outputs: { Name: { Value: 'x', Export: { Name: 'the-name' } } } }, ...more },
  );
const many = (count: number, name: string, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index + 1}`, value]));
const topics = (count: number) => many(count, 'Topic', resource('SNS::Topic')) as Record<string, ReturnType<typeof resource>>;

const BIG = resource('SNS::Topic', { DisplayName: 'x'.repeat(1_000_000) });

testRules([
  {
    rule: stackOutputMissing,
    passes: {
      'an output that is there': assembly(stack(taking(output('Maker', 'us-west-2', 'Name'))), offering('us-west-2')),
      'a stack that is not here': assembly(stack(taking(output('Stranger', 'us-west-2', 'Name')))),
      'a name that is not known': assembly(stack(taking({ 'Fn::GetStackOutput': { StackName: UNKNOWN, OutputName: 'Name' } }))),
    },
    fails: {
      'an output that is not there': {
        in: assembly(stack(taking({ 'Fn::Join': ['', ['a', output('Maker', 'us-west-2', 'Nane')]] })), offering('us-west-2')),
        at: ['Topic: Maker in us-west-2 has no output Nane'],
      },
      'an output that passes on what is not there': {
        in: assembly(
          stack({}, { sections: { Outputs: { Passed: { Value: output('Maker', 'us-west-2', 'Gone') } } } }),
          offering('us-west-2'),
        ),
        at: ['Passed: Maker in us-west-2 has no output Gone'],
      },
    },
  },
  {
    rule: stackOutputOfAStranger,
    passes: { 'a stack that is here': assembly(stack(taking(output('Maker', 'us-west-2', 'Name'))), offering('us-west-2')) },
    fails: {
      'a stack that is not here': {
        in: taking(output('Stranger', 'us-west-2', 'Name')),
        at: ['Topic: it takes Name from Stranger in us-west-2'],
      },
      'a stack of another Region than the one that is here': {
        in: assembly(stack(taking(output('Maker', 'eu-west-1', 'Name'))), offering('us-west-2')),
        at: ['Topic: it takes Name from Maker in eu-west-1'],
      },
    },
  },
  {
    rule: importAcrossRegions,
    passes: {
      'an export beside it': assembly(stack(taking({ 'Fn::ImportValue': 'the-name' })), offering('us-east-1')),
      'an export that is not here': taking({ 'Fn::ImportValue': 'the-name' }),
      'a name that is not known': assembly(stack(taking({ 'Fn::ImportValue': UNKNOWN })), offering('us-west-2')),
    },
    fails: {
      'an export of another Region': {
        in: assembly(stack(taking({ 'Fn::ImportValue': 'the-name' })), offering('us-west-2')),
        at: ['Topic: the-name is exported in us-west-2'],
      },
      'an export of another account': {
        in: assembly(stack(taking({ 'Fn::ImportValue': 'the-name' })), offering('us-east-1', { account: '999999999999' })),
        at: ['Topic: the-name is exported in account 999999999999'],
      },
    },
  },
  {
    rule: templateNearLimits,
    passes: {
      'a template with room': assembly(stack(topics(400))),
      'a template that does not fit, which others find': assembly(stack({ ...topics(501), Big: BIG })),
    },
    fails: {
      'many resources': { in: assembly(stack(topics(401))), at: ['Topic401: the template has 401 of 500 resources'] },
      'many outputs and parameters': {
        in: assembly(
          stack(
            {},
            { sections: { Outputs: many(161, 'Out', { Value: 'x' }), Parameters: many(199, 'In', { Type: 'String' }) } as never },
          ),
        ),
        at: ['Out161: the template has 161 of 200 outputs', 'In161: the template has 199 of 200 parameters'],
      },
      'many bytes': {
        in: assembly(stack({ Small: resource('SNS::Topic'), Big: resource('SNS::Topic', { DisplayName: 'x'.repeat(900_000) }) })),
        at: [expect.stringMatching(/^Big: the template has 900\d+ of 1000000 bytes$/)],
      },
    },
  },
  {
    rule: templateTooLarge,
    passes: { 'a template that fits': assembly(stack(topics(400))) },
    fails: {
      'a template that does not': {
        in: assembly(stack({ Small: resource('SNS::Topic'), Big: BIG })),
        at: [expect.stringMatching(/^Big: the template has 1000\d+ bytes$/)],
      },
    },
  },
]);

test('A template is as long as its file, whitespace included', () => {
  // GIVEN
  const templatePath = join(mkdtempSync(join(tmpdir(), 'limits-')), 'Shop.template.json');
  writeFileSync(templatePath, `${' '.repeat(850_000)}{}`);
  // WHEN
  const lines = found(templateNearLimits, assembly(stack(taking('x'), { templatePath })));
  // THEN
  expect(lines).toEqual(['Topic: the template has 850002 of 1000000 bytes']);
});
