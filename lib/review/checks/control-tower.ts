import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Severity } from '../review';

/** A proactive control of AWS Control Tower. */
export interface Control {
  /** Such as `CT.S3.PR.2`. */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly remedy: string;
  /** Types of the resources it judges. */
  readonly types: string[];
  /** The Guard rule. */
  readonly content: string;
  /** Types that the rule names: those it judges, and those it expects behind references. */
  readonly named: string[];
}

interface ControlMetadata {
  readonly Id: string;
  readonly DisplayName: string;
  readonly EvaluatedResourceTypes: string[];
  readonly RemediationMessage: string;
  readonly Severity: string;
}

/** Reads the controls that `@cdklabs/cdk-validator-cfnguard` ships. */
export function controlTowerControls(folder: string): Control[] {
  const root = join(folder, 'rules', 'control-tower');
  return readdirSync(join(root, 'metadata'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.metadata.json'))
    .map((file) => {
      const metadata: ControlMetadata = JSON.parse(readFileSync(join(root, 'metadata', file), 'utf8'));
      const content = readFileSync(join(root, 'cfn-guard', file.replace(/\.metadata\.json$/, '.guard')), 'utf8');
      return {
        id: metadata.Id,
        title: metadata.DisplayName,
        severity: severityOf(metadata.Severity),
        remedy: metadata.RemediationMessage,
        types: metadata.EvaluatedResourceTypes,
        content,
        named: typesNamed(content),
      };
    })
    .sort((left, right) => (left.id < right.id ? -1 : 1));
}

/** A control of low severity is a control still: only an acknowledgement closes it. */
function severityOf(severity: string): Severity {
  return severity === 'CRITICAL' || severity === 'HIGH' ? 'error' : 'warning';
}

function typesNamed(rule: string): string[] {
  const code = rule.replace(/^\s*#.*$/gm, '');
  return [...new Set(code.match(/\bAWS::\w+::\w+(::\w+)?/g) ?? [])];
}
