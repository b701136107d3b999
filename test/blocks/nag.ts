import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, type Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** What AwsSolutions finds in the stack's app, as `RULE path`; synthesizes the app. */
export function nagFindings(stack: Stack): string[] {
  const app = stack.node.root as App;
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  const silence = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const quiet = [jest.spyOn(console, 'error').mockReturnValue(), jest.spyOn(console, 'log').mockReturnValue()];
  try {
    app.synth();
  } catch (error) {
    if (!String(error).includes('ValidationFailed')) throw error;
  } finally {
    silence.mockRestore();
    for (const spy of quiet) spy.mockRestore();
  }
  const file = join(app.outdir, 'validation-report.json');
  if (!existsSync(file)) return [];
  const report: Report = JSON.parse(readFileSync(file, 'utf8'));
  return report.pluginReports
    .flatMap((plugin) => plugin.violations)
    .flatMap((violation) => violation.violatingConstructs.map((at) => `${violation.ruleName} ${at.constructPath}`));
}

interface Report {
  readonly pluginReports: {
    readonly violations: { readonly ruleName: string; readonly violatingConstructs: { readonly constructPath: string }[] }[];
  }[];
}
