import type { Place } from '../places/place';
import type { CheckSummary, Review, ReviewChanges } from '../review';
import { packOf } from '../rule-id';
import { code, plain, tableHead, tableRow, within } from './markdown-text';
import { sourceLine } from './row';
import { counted, listed, minute, number, shortType, withoutAnswer } from './words';

/** Most characters of each part: 57,000 in all. GitHub takes comments of up to 65,536 characters. */
const BUDGETS = { verdict: 2000, checks: 6000, changes: 13_000, findings: 20_000, entrances: 8000, attention: 8000 };

/** The review as a comment on a pull request. What does not fit is counted, and stands in `review.html`. */
export function markdownPage(review: Review): string {
  const parts = [verdict(review), checks(review), changes(review), findings(review), entrances(review), attention(review)];
  return `${parts.filter((part) => part !== '').join('\n')}\nEverything else is in \`review.html\`.\n`;
}

function verdict({ verdict, assembly, stacks, made, library }: Review): string {
  const { open, acknowledged, clean, sentence, failOn } = verdict;
  const counts = [counted(open.error, 'open error'), counted(open.warning, 'open warning'), counted(open.note, 'open note')];
  const answer = clean ? 'Clean' : 'Not clean';
  const regions = new Set(stacks.map(({ region }) => region)).size;
  return `## ${clean ? '✅' : '❌'} ${answer}: ${plain(withoutAnswer(sentence, answer))}

${listed([...counts, `${number(acknowledged)} acknowledged`])}. Review of ${code(assembly)} with ${counted(stacks.length, 'stack')} in ${counted(regions, 'Region')}, made ${plain(minute(made))} by cdk-scale-tiers ${plain(library)}. It fails on ${failOn === 'error' ? 'errors only' : `${failOn}s and worse`}.
`;
}

function checks({ checks, findings }: Review): string {
  if (checks.length === 0) return '';
  const head = tableHead(['Check', 'Version', 'Rules run', 'Passed', 'Not applicable', 'Acknowledged', 'Open'], [2, 3, 4, 5, 6]);
  const rows = checks.map((check) => tableRow(checkCells(check, findings)));
  return within(
    BUDGETS.checks,
    `### Checks\n\n${head}`,
    rows,
    (count) => `\nand ${counted(count, 'more check')} in \`review.html\`\n`,
  );
}

function checkCells({ pack, title, version, notRun, rules }: CheckSummary, findings: Review['findings']): string[] {
  const name = [plain(title), code(version ?? '')];
  if (notRun !== undefined) return [...name, `**did not run**: ${plain(notRun)}`, '', '', '', ''];
  if (!rules) {
    const own = findings.filter(({ id }) => packOf(id) === pack);
    const open = own.filter(({ acknowledgement }) => acknowledgement === undefined).length;
    const told = `does not tell its rules: ${counted(own.length - open, 'acknowledged finding')}, ${counted(open, 'open finding')}`;
    return [...name, told, '', '', '', ''];
  }
  const { run, passed, notApplicable, acknowledged, open } = rules;
  return [...name, ...[run, passed, notApplicable, acknowledged].map(number), open > 0 ? `**${number(open)}**` : '0'];
}

function changes({ changes }: Review): string {
  if (!changes) return '';
  const { promotion, added, changed, removed } = changes;
  const counts = listed([
    `${number(added.length)} added`,
    `${number(changed.length)} changed`,
    `${number(removed.length)} removed`,
  ]);
  const head = `### Since ${code(changes.against)}

${promotion.safe ? '✅' : '❌'} **${promotion.safe ? 'Safe to promote' : 'Not safe to promote'}**: ${plain(promotion.sentence)}

${counts}.
`;
  const share = (BUDGETS.changes - head.length) / 4;
  return `${head}${problems(changes, share)}${removals(changes, share)}${bullets('New findings', changes.newFindings, share)}${bullets(
    'New acknowledgements',
    changes.newAcknowledgements,
    share,
  )}`;
}

function problems({ promotion }: ReviewChanges, budget: number): string {
  if (promotion.problems.length === 0) return '';
  const rows = promotion.problems.map(({ place, verdict, sentence, source }) =>
    tableRow([at(place), `**${plain(verdict)}**`, `${plain(sentence)} (${plain(source)})`]),
  );
  const rest = (count: number) => `\nand ${counted(count, 'more problem')} in \`review.html\`\n`;
  return within(budget, `\n${tableHead(['Resource', 'Verdict', 'Why'])}`, rows, rest);
}

function removals({ removed }: ReviewChanges, budget: number): string {
  if (removed.length === 0) return '';
  const lines = removed.map((place) => `- ${at(place)}\n`);
  return within(budget, '\n**Removed**\n\n', lines, (count) => `- and ${number(count)} more in \`review.html\`\n`);
}

function bullets(title: string, texts: string[], budget: number): string {
  if (texts.length === 0) return '';
  const lines = texts.map((text) => `- ${code(text)}\n`);
  return within(
    budget,
    `\n**${title}** (${number(texts.length)})\n\n`,
    lines,
    (count) => `- and ${number(count)} more in \`review.html\`\n`,
  );
}

function findings({ findings }: Review): string {
  const open = findings.filter(({ acknowledgement }) => acknowledgement === undefined);
  if (open.length === 0) return '### Open findings\n\nNone.\n';
  const rows = open.map(({ id, severity, message, remedy, place, property }) => {
    const where = place ? at(place) : 'the assembly as a whole';
    const fix = remedy === undefined ? '' : ` **Fix** ${plain(remedy)}`;
    return tableRow([
      severity,
      code(id),
      `${plain(message)}${fix}`,
      property === undefined ? where : `${where}, ${code(property)}`,
    ]);
  });
  const head = `### Open findings (${number(open.length)})\n\n${tableHead(['Severity', 'Rule', 'What is wrong', 'Where'])}`;
  return within(BUDGETS.findings, head, rows, (count) => `\nand ${counted(count, 'more open finding')} in \`review.html\`\n`);
}

function entrances({ entrances }: Review): string {
  if (entrances.length === 0) return '### What the internet can reach\n\nNothing.\n';
  const rows = entrances.map(({ place, kind, from, ports, path, guards }) => {
    const way = path.map((step) => code(step.logicalId)).join(' → ');
    return tableRow([`${plain(kind)} ${at(place)}`, plain(from), plain(ports), guards.map(plain).join('; ') || 'nothing', way]);
  });
  const head = `### What the internet can reach\n\n${tableHead(['Answers', 'Open to', 'Ports', 'Between', 'Way'])}`;
  return within(
    BUDGETS.entrances,
    head,
    rows,
    (count) => `\nand ${counted(count, 'more way', 'more ways')} in \`review.html\`\n`,
  );
}

/** Acknowledgements at fault, and state and encryption that a reviewer should look at. */
function attention({ acknowledgements, state, encryption }: Review): string {
  const lines = [
    ...acknowledgements
      .filter(({ fault }) => fault !== undefined)
      .map(({ id, path, fault }) => `- acknowledgement of ${code(id)} at ${code(path)}: **${plain(fault!)}**\n`),
    ...[...state, ...encryption]
      .filter((facts) => facts.attention !== undefined)
      .map((facts) => `- ${at(facts.place)}: ${plain(facts.attention!)}\n`),
  ];
  if (lines.length === 0) return '';
  const head = `### To look at (${number(lines.length)})\n\n`;
  return within(BUDGETS.attention, head, lines, (count) => `- and ${number(count)} more in \`review.html\`\n`);
}

/** Logical id, type, construct path, line of the template and line of code. */
function at({ logicalId, type, region, path, templateFile, line, source }: Place): string {
  const where = [
    ...(path === undefined ? [] : [code(path)]),
    code(line === undefined ? templateFile : `${templateFile}:${line}`),
    ...(source ? [code(sourceLine(source))] : []),
  ];
  return `${code(logicalId)} (${plain(shortType(type))}, ${plain(region)}) ${where.join(', ')}`;
}
