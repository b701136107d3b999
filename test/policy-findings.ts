import { type Stage, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** A rule that does not hold for a construct. */
export interface PolicyFinding {
  readonly rule: string;
  readonly path: string;
}

/** An acknowledgement, and where it was written. */
export interface WrittenAcknowledgement {
  readonly id: string;
  readonly reason: string;
  readonly path: string;
}

/** Every finding of AwsSolutions, acknowledged or not. */
export function allFindings(scope: IConstruct): PolicyFinding[] {
  const pack = new AwsSolutionsChecks();
  // The pack as it judges when nobody has acknowledged anything.
  Object.defineProperty(pack, 'isAcknowledged', { value: () => false });
  const report = pack.validateScope(scope);
  return report.violations.flatMap((violation) =>
    violation.violatingResources.map((resource) => ({
      rule: `AwsSolutions::${violation.ruleName}`,
      path: resource.constructPath ?? '',
    })),
  );
}

/** Every acknowledgement below a construct, with its pack. */
export function allAcknowledgements(scope: IConstruct): WrittenAcknowledgement[] {
  return scope.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, reason]) => ({ id, reason, path: construct.node.path })),
  );
}

/** Whether an acknowledgement was written at the construct of a finding, or above it. */
export function covers(acknowledgement: WrittenAcknowledgement, finding: PolicyFinding): boolean {
  const { id, path } = acknowledgement;
  return id === finding.rule && (finding.path === path || finding.path.startsWith(`${path}/`));
}

/** The findings that nobody acknowledged and the acknowledgements that no finding needs. */
export function openAndUnused(stage: Stage): { open: string[]; unused: string[] } {
  const findings = allFindings(stage);
  // The other packs are judged by the review.
  const written = allAcknowledgements(stage).filter(({ id }) => id.startsWith('AwsSolutions::'));
  const open = findings.filter((finding) => !written.some((one) => covers(one, finding)));
  const unused = written.filter((one) => !findings.some((finding) => covers(one, finding)));
  return {
    open: open.map(({ rule, path }) => `${rule} at ${path}`),
    unused: unused.map(({ id, path }) => `${id} at ${path}`),
  };
}
