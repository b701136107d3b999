import { templateLines } from '../../lib/review/places/template-lines';

const TEMPLATE = {
  Description: 'an inch ", a brace { and a backslash \\',
  Resources: {
    Jobs: { Type: 'AWS::SQS::Queue', Properties: { Tags: [{ Key: 'Resources', Value: 'Jobs' }] } },
    Topic: { Type: 'AWS::SNS::Topic' },
  },
  Outputs: { Jobs: { Value: { 'Fn::GetAtt': ['Jobs', 'Arn'] } } },
};

function told(text: string): Record<string, Record<string, [number, number]>> {
  const sections = [...templateLines(text)].map(([section, ids]) => {
    return [section, Object.fromEntries([...ids].map(([id, { first, last }]) => [id, [first, last]]))];
  });
  return Object.fromEntries(sections);
}

test.each([1, 2, 8])('tells the lines of logical ids with an indentation of %i', (indent) => {
  expect(told(JSON.stringify(TEMPLATE, undefined, indent))).toEqual({
    Resources: { Jobs: [4, 14], Topic: [15, 17] },
    Outputs: { Jobs: [20, 27] },
  });
});

test('has everything on the first line of a template on one line', () => {
  expect(told(JSON.stringify(TEMPLATE))).toEqual({ Resources: { Jobs: [1, 1], Topic: [1, 1] }, Outputs: { Jobs: [1, 1] } });
});

test('reads a template that a person wrote, with braces where they like them', () => {
  const text =
    '{\r\n "Resources" :\r\n {"Jobs":{"Type":"AWS::SQS::Queue"},\r\n\r\n  "Topic"\r\n:\r\n{\r\n"Type":"AWS::SNS::Topic"}}}';

  expect(told(text)).toEqual({ Resources: { Jobs: [3, 3], Topic: [5, 8] } });
});

test('knows a loop among the resources, and an id with an escape', () => {
  const text = '{\n"Resources": {\n"Fn::ForEach::Queues": [\n"Name", ["A"], {}\n],\n"\\u0041b": {}\n}\n}';

  expect(told(text)).toEqual({ Resources: { 'Fn::ForEach::Queues': [3, 5], Ab: [6, 6] } });
});
