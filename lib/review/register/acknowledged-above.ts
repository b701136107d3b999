import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import { isObject, items } from '../../assembly/values';
import { firstLine } from '../places/code-line';
import type { Written } from './acknowledgements';

/**
 * What was set aside at a `Stage` or at the whole `App`. The assembly keeps the metadata of stacks only; the CDK's own report
 * names what it let pass, and so those of them that answered for something when the app was synthesized.
 */
export function acknowledgedAbove({ directory, stacks }: Assembly): Written[] {
  const report = [directory, dirname(directory)].map((folder) => join(folder, 'validation-report.json')).find(existsSync);
  if (report === undefined) return [];
  const entries = new Map<string, Written>();
  for (const violation of suppressed(report)) {
    // The report leaves out what is empty: the path of the app.
    const { acknowledgedId: id, acknowledgedAt: at = '', reason = '', acknowledgedStackTrace: trace } = violation;
    const path = String(at);
    if (typeof id !== 'string' || !isAbove(path, stacks)) continue;
    const where =
      typeof trace === 'string' ? firstLine(trace.split('\n'), (file) => !/[/\\]node_modules[/\\]/.test(file)) : undefined;
    entries.set(`${path} ${id}`, { id, reason: String(reason), path, form: 'cdk', ...(where ? { where } : {}) });
  }
  return [...entries.values()];
}

/** Whether a construct path leads to a scope of stacks that is in no stack itself. */
function isAbove(path: string, stacks: AssemblyStack[]): boolean {
  const paths = stacks.map(({ constructPath = '' }) => `${constructPath}/`);
  return (
    (path === '' || paths.some((stack) => stack.startsWith(`${path}/`))) && !paths.some((stack) => `${path}/`.startsWith(stack))
  );
}

function suppressed(file: string): Record<string, unknown>[] {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return items(report.pluginReports)
      .filter(isObject)
      .flatMap((plugin) => items(plugin.suppressedViolations))
      .filter(isObject);
  } catch {
    // The report is the CDK's own and may have any shape in another version; it only adds to what the metadata says.
    return [];
  }
}
