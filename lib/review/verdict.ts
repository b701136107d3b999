import { type Judged, SEVERITIES } from './judge';
import type { ReviewChanges, ReviewVerdict, Severity } from './review';

/** Whether somebody can sign, in one sentence. */
export function verdictOf({ findings, checks }: Judged, failOn: Severity, changes?: ReviewChanges): ReviewVerdict {
  const open = { error: 0, warning: 0, note: 0 };
  for (const { severity, acknowledgement } of findings) if (acknowledgement === undefined) open[severity]++;
  const acknowledged = findings.filter(({ acknowledgement }) => acknowledgement !== undefined).length;
  const failing = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  const unsafe = changes !== undefined && !changes.promotion.safe;
  const clean = failing.every((severity) => open[severity] === 0) && !unsafe;
  const told = SEVERITIES.filter((severity) => open[severity] > 0).map((severity) => counted(open[severity], severity));
  const idle = checks.filter(({ notRun }) => notRun !== undefined).length;
  const parts = [
    told.length === 0 ? 'no finding is open' : `${listed(told)} ${told.length === 1 && /^1 /.test(told[0]) ? 'is' : 'are'} open`,
    ...(unsafe ? ['deploying this over the earlier assembly is not safe'] : []),
    ...(acknowledged > 0
      ? [`${counted(acknowledged, 'finding')} ${acknowledged === 1 ? 'is' : 'are'} acknowledged in writing`]
      : []),
    ...(idle > 0 ? [`${idle} of ${counted(checks.length, 'check')} did not run`] : []),
  ];
  return { clean, failOn, sentence: `${clean ? 'Clean' : 'Not clean'}: ${listed(parts)}.`, open, acknowledged };
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
