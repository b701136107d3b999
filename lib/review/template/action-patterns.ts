/** Whether an action, a resource or another text matches a pattern of a policy: `*` for any characters, `?` for one, case ignored. */
export function matches(pattern: string, text: string): boolean {
  let expression = expressions.get(pattern);
  if (!expression) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.');
    expression = new RegExp(`^${source}$`, 'is');
    expressions.set(pattern, expression);
  }
  return expression.test(text);
}

const expressions = new Map<string, RegExp>();

/** Whether it stands for more than itself. */
export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}
