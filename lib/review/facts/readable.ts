import type { AssemblyStack } from '../../assembly/cloud-assembly';
import { isObject, items } from '../../assembly/values';
import { labelOf } from './labels';
import type { Landscape } from './landscape';

const PSEUDO: Record<string, string> = {
  'AWS::Region': '<region>',
  'AWS::AccountId': '<account>',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': '<stack>',
  'AWS::StackId': '<stack id>',
};

/** A value for people: text put together, what only a deploy knows in angle brackets, such as `arn:aws:sqs:<region>:<account>:<Jobs.QueueName>`. */
export function readable(value: unknown, stack: AssemblyStack, landscape: Landscape): string {
  const read = (inner: unknown) => readable(inner, stack, landscape);
  if (Array.isArray(value)) return value.map(read).join(', ');
  if (!isObject(value)) return value === undefined ? '' : String(value);
  const [key, argument] = Object.entries(value)[0] ?? [];
  if (Object.keys(value).length !== 1 || key === undefined) return JSON.stringify(value);
  switch (key) {
    case 'Ref':
      return PSEUDO[String(argument)] ?? `<${nameOf(String(argument), stack, landscape)}>`;
    case 'Fn::GetAtt': {
      const [owner, ...attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
      return `<${nameOf(owner, stack, landscape)}.${attribute.join('.')}>`;
    }
    case 'Fn::Join': {
      const [delimiter, list] = items(argument);
      return Array.isArray(list) ? list.map(read).join(String(delimiter)) : `<${read(list)}>`;
    }
    case 'Fn::Sub': {
      const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
      return String(text).replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
        if (isObject(variables) && name in variables) return read(variables[name]);
        return read(name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name });
      });
    }
    case 'Fn::If':
      return items(argument).slice(1).map(read).join(' or ');
    case 'Fn::ImportValue':
    case 'Fn::GetStackOutput': {
      const [found] = landscape.behind(value, stack);
      if (found) return `<${labelOf(found)} of ${found.stack.stackName}>`;
      if (!isObject(argument)) return `<import ${read(argument)}>`;
      return `<${read(argument.StackName)}.${read(argument.OutputName)}>`;
    }
    case 'Fn::Select':
      return part(items(argument), read);
    default:
      return key.startsWith('Fn::') ? `<${key.slice(4)} of ${read(argument)}>` : JSON.stringify(value);
  }
}

/** `Fn::Select` of a `Fn::Split` is what stands before or after a delimiter. */
function part([index, list]: unknown[], read: (value: unknown) => string): string {
  const [delimiter, text] = isObject(list) ? items(list['Fn::Split']) : [];
  if (delimiter === undefined) return `<part ${read(index)} of ${read(list)}>`;
  const whole = read(text).replace(/^<([^<>]*)>$/, '$1');
  if (Number(index) < 2) return `<${whole} ${Number(index) === 0 ? 'up to' : 'after'} ${read(delimiter)}>`;
  return `<part ${read(index)} of ${whole} by ${read(delimiter)}>`;
}

function nameOf(logicalId: string, stack: AssemblyStack, landscape: Landscape): string {
  const thing = landscape.thing(stack, logicalId);
  return thing ? labelOf(thing) : logicalId;
}
