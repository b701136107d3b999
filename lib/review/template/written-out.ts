import { isObject } from '../../assembly/values';

/**
 * A value as one text in which `${...}` stands for what only a deploy knows: `arn:aws:s3:::${Bucket}/*`.
 */
export function writtenOut(value: unknown): string {
  if (!isObject(value)) return Array.isArray(value) ? value.map(writtenOut).join(', ') : String(value ?? '');
  const [key, argument] = Object.entries(value)[0] ?? [];
  switch (key) {
    case 'Ref':
      return `\${${argument}}`;
    case 'Fn::GetAtt':
      return `\${${Array.isArray(argument) ? argument.map(writtenOut).join('.') : argument}}`;
    case 'Fn::Join': {
      const [delimiter, parts] = Array.isArray(argument) ? argument : [];
      return Array.isArray(parts) ? parts.map(writtenOut).join(String(delimiter)) : `\${${key}}`;
    }
    case 'Fn::Sub':
      return String(Array.isArray(argument) ? argument[0] : argument);
    case 'Fn::ImportValue':
      return `\${${writtenOut(argument)}}`;
    case 'Fn::GetStackOutput':
      return isObject(argument) ? `\${${writtenOut(argument.StackName)}.${writtenOut(argument.OutputName)}}` : `\${${key}}`;
    default:
      return `\${${key}}`;
  }
}

/** Every text in a value and where it stands; one that is put together counts as one. */
export function textsIn(value: unknown, path: string[]): { path: string[]; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...path, String(index)]));
  if (!isObject(value)) return [];
  if ('Fn::Join' in value || 'Fn::Sub' in value) return [{ path, text: writtenOut(value) }];
  return Object.entries(value).flatMap(([key, child]) => textsIn(child, key.startsWith('Fn::') ? path : [...path, key]));
}
