/** What the ids of our own rules begin with. */
export const OWN_PACK = 'ScaleTiers';

/** The pack of an id such as `AwsSolutions::AwsSolutions-S1`; nothing where it has none. */
export function packOf(id: string): string | undefined {
  return /^([^[]*?)::/.exec(id)?.[1];
}

/** An id without the finding in brackets: `AwsSolutions::AwsSolutions-IAM5` of `AwsSolutions::AwsSolutions-IAM5[Resource::*]`. */
export function ruleOf(id: string): string {
  return id.replace(/\[.*$/s, '');
}

/** As the CDK compares ids: a space and a hyphen are the same. */
export function spelled(id: string): string {
  return id.replaceAll(' ', '-');
}

/**
 * An id with its pack, where it has none and a check has the rule: cdk-nag takes ids without one, and the CDK puts
 * `Annotation::` before them.
 */
export function withPack(id: string, known: Set<string>, packs: string[]): string {
  const plain = id.replace(/^annotation::/i, '');
  if (packOf(plain) !== undefined) return plain;
  const rule = ruleOf(plain);
  const pack =
    [...known].filter((other) => ruleOf(other).endsWith(`::${rule}`)).map(packOf)[0] ??
    packs.find((name) => plain.startsWith(`${name}-`));
  return pack === undefined ? id : `${pack}::${plain}`;
}

/** Whether an acknowledgement's id means a finding: to the letter, or by the expression that cdk-nag 2 allows in the brackets. */
export function isNamed(finding: string, acknowledged: string): boolean {
  if (finding === acknowledged) return true;
  const [, rule, pattern, flags] = /^([^[]+)\[\/(.*)\/([a-z]*)\]$/s.exec(acknowledged) ?? [];
  if (pattern === undefined || ruleOf(finding) !== rule) return false;
  try {
    return new RegExp(pattern, flags.replace('g', '')).test(finding.slice(rule.length + 1, -1));
  } catch {
    return false;
  }
}
