// What every measured process shares: how it loads CDK, what surrounds its app, and what it tells its parent at the end.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// Not `import`: taking the namespace of a module of aws-cdk-lib would load everything its lazy exports lead to.
export const require = createRequire(import.meta.url);

/** What the parent asked for, as JSON in the first argument. */
export const asked = JSON.parse(process.argv[2]);

export const ACCOUNT = '123456789012';

// The flags of a fresh app, as in this repository's cdk.json; without the one that makes an error of the validator's findings, which
// are not what is measured here.
const { '@aws-cdk/core:validateAgainstDefaultRules': _, ...FLAGS } = JSON.parse(
  readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'),
).context;

export function newApp() {
  const { App } = require('aws-cdk-lib');
  return new App({ outdir: asked.out, analyticsReporting: false, autoSynth: false, context: FLAGS });
}

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const used = { cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS / 1024 };
  // Loaded through `require`, in the order in which they were first asked for.
  const modules = asked.modules ? Object.keys(require.cache) : undefined;
  writeFileSync(asked.report, JSON.stringify({ ...used, modules }));
});
