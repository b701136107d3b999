import type { CheckProgress } from '../../lib/review/make-review';

/** One line per check that is through, for a terminal: they run side by side. */
export function progressLines(write: (text: string) => void): (progress: CheckProgress) => void {
  return ({ title, earlier, finished: { run, milliseconds } }) => {
    const found = run.notRun ?? `${run.findings.length} ${run.findings.length === 1 ? 'finding' : 'findings'}`;
    write(`${title}${earlier ? ' (earlier assembly)' : ''}: ${found}, ${(milliseconds / 1000).toFixed(1)} s\n`);
  };
}
