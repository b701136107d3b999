import type { Review, Severity } from '../../review';
import { html, type Markup } from '../markup';
import { counted, isAnyone, listed, minute, number, withoutAnswer } from '../words';

const SEVERITIES: Severity[] = ['error', 'warning', 'note'];

/** The answer, before everything else. */
export function verdict(review: Review): Markup {
  const { verdict, assembly, library, made } = review;
  const answer = verdict.clean ? 'Clean' : 'Not clean';
  const tile = (href: string, count: number, label: string, kind: string) =>
    html`<li><a class="tile ${count > 0 ? kind : 'none'}" href="#${href}"><b>${number(count)}</b> ${label}</a></li>`;
  return html`<header class="verdict ${verdict.clean ? 'clean' : 'unclean'}" id="verdict">
<p class="answer"><span class="stamp">${answer}</span> Review of ${assembly}</p>
<h1>${withoutAnswer(verdict.sentence, answer)}</h1>
<ul class="tiles">${SEVERITIES.map((severity) =>
    tile('findings', verdict.open[severity], `open ${severity}${verdict.open[severity] === 1 ? '' : 's'}`, severity),
  )}${tile('acknowledged', verdict.acknowledged, 'acknowledged', 'quiet')}</ul>
${cautions(review)}
<p class="made">${measure(review)}. Made ${minute(made)} by cdk-scale-tiers ${library}. It fails on ${
    verdict.failOn === 'error' ? 'errors only' : `${verdict.failOn}s and worse`
  }.</p>
<p class="signature">Signed by<span></span>on<span></span></p>
</header>
`;
}

/** What a reviewer must know before believing the verdict. */
function cautions({ checks, acknowledgements, entrances, state, encryption, changes }: Review): Markup {
  const missing = checks.filter(({ notRun }) => notRun !== undefined);
  const faulty = acknowledgements.filter(({ fault }) => fault !== undefined).length;
  const anyone = entrances.filter(({ from }) => isAnyone(from)).length;
  const [lost, bare] = [state, encryption].map((rows) => rows.filter(({ attention }) => attention !== undefined).length);
  const lines = [
    missing.length > 0 &&
      html`<a href="#checks">${counted(missing.length, 'check')} did not run</a>: ${listed(missing.map(({ title }) => title))}`,
    changes && !changes.promotion.safe && html`<a href="#changes">The promotion guard objects</a>: ${changes.promotion.sentence}`,
    faulty > 0 &&
      html`<a href="#acknowledgements">${counted(faulty, 'acknowledgement')} at fault</a>: unused, duplicate, of an unknown rule, or without a reason`,
    anyone > 0 && html`<a href="#internet">${counted(anyone, 'way', 'ways')} in for anyone</a> on the internet`,
    lost > 0 && html`<a href="#state">${counted(lost, 'resource')} with state</a> to look at`,
    bare > 0 && html`<a href="#encryption">${counted(bare, 'resource')}</a> whose encryption to look at`,
  ].filter((line) => line !== undefined && line !== false);
  return lines.length === 0 ? html`` : html`<ul class="cautions">${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function measure({ stacks }: Review): string {
  const regions = new Set(stacks.map(({ region }) => region));
  const resources = stacks.reduce((sum, stack) => sum + stack.resources.value, 0);
  return `${counted(resources, 'resource')} in ${counted(stacks.length, 'stack')} and ${counted(regions.size, 'Region')}`;
}
