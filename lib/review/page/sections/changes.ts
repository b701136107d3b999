import type { Place } from '../../places/place';
import type { Review, ReviewChanges } from '../../review';
import type { Anchors } from '../anchors';
import { html, type Markup } from '../markup';
import { placeCell, row, rowAttributes, type TableShape, table } from '../row';
import type { Section } from '../section';
import { counted, number } from '../words';

export const PROBLEMS: TableShape = {
  name: 'problems',
  columns: [
    { heading: 'Resource', width: 40, plain: true },
    { heading: 'Verdict', width: 14 },
    { heading: 'Why', width: 46, plain: true },
  ],
};

export const CHANGED: TableShape = {
  name: 'changed',
  columns: [
    { heading: 'Resource', width: 60, plain: true },
    { heading: 'Properties', width: 40 },
  ],
};

/** What changed since the earlier assembly, and whether it can be deployed over it. */
export function changes(review: Review, anchors: Anchors): Section | undefined {
  const { changes } = review;
  if (!changes) return undefined;
  const { promotion, added, removed, changed } = changes;
  return {
    id: 'changes',
    title: 'What changed',
    count: added.length + removed.length + changed.length,
    alarming: promotion.problems.length,
    lead: `Since ${changes.against}, and whether this assembly can be deployed over it.`,
    body: html`<div class="promotion ${promotion.safe ? 'clean' : 'unclean'}"><span class="stamp">${
      promotion.safe ? 'Safe to promote' : 'Not safe to promote'
    }</span> ${promotion.sentence}</div>
${problems(changes, anchors)}
<ul class="tiles">${tile(added.length, 'added')}${tile(changed.length, 'changed')}${tile(removed.length, 'removed')}${tile(
      changes.newAcknowledgements.length,
      'new acknowledgements',
    )}${tile(changes.newFindings.length, 'new findings')}</ul>
${strings('New findings', 'new-finding', changes.newFindings, true, findingTargets(review))}
${strings('New acknowledgements', 'new-acknowledgement', changes.newAcknowledgements, true, acknowledgementTargets(review))}
${strings('Acknowledgements that are gone', 'gone-acknowledgement', changes.goneAcknowledgements, false, new Map())}
${places('Removed', 'removed', removed, true, anchors)}
${folded(
  'Changed',
  changed.length,
  false,
  table(
    CHANGED,
    changed.map(({ place, properties }, index) =>
      row(`changed-${index}`, { stacks: [anchors.stack(place)] }, [
        placeCell(place, anchors),
        html`<ul class="properties">${properties.map((property) => html`<li><code>${property}</code></li>`)}</ul>`,
      ]),
    ),
  ),
)}
${places('Added', 'added', added, false, anchors)}`,
  };
}

function problems({ promotion }: ReviewChanges, anchors: Anchors): Markup {
  if (promotion.problems.length === 0) return html``;
  return table(
    PROBLEMS,
    promotion.problems.map(({ place, verdict, sentence, source }, index) =>
      row(`problem-${index}`, { stacks: [anchors.stack(place)], status: ['attention'] }, [
        placeCell(place, anchors),
        html`<span class="mark error">${verdict}</span>`,
        html`<p>${sentence}</p><p class="source">${source}</p>`,
      ]),
    ),
  );
}

function tile(count: number, label: string): Markup {
  return html`<li><span class="tile ${count > 0 ? 'quiet' : 'none'}"><b>${number(count)}</b> ${label}</span></li>`;
}

function folded(title: string, count: number, open: boolean, body: Markup): Markup {
  if (count === 0) return html``;
  return html`<details class="group" data-group${open && ' open'}><summary><b>${title}</b> <span class="count">${number(count)}</span></summary>${body}</details>`;
}

function places(title: string, id: string, list: Place[], open: boolean, anchors: Anchors): Markup {
  const items = list.map(
    (
      place,
      index,
    ) => html`<li ${rowAttributes(`${id}-${index}`, { stacks: [anchors.stack(place)] })}>${placeCell(place, anchors)}</li>
`,
  );
  return folded(title, list.length, open && list.length <= 20, html`<ul class="places">${items}</ul>`);
}

/** Anchors by the strings that mean them, such as `PACK::RULE at Shop/Bucket`. */
type Targets = Map<string, string>;

function findingTargets({ findings }: Review): Targets {
  const targets: Targets = new Map();
  findings.forEach(({ id, place }, index) => {
    const key = `${id} at ${place ? (place.path ?? `${place.stack}/${place.logicalId}`) : 'the app'}`;
    if (!targets.has(key)) targets.set(key, `finding-${index}`);
  });
  return targets;
}

function acknowledgementTargets({ acknowledgements }: Review): Targets {
  return new Map(acknowledgements.map(({ id, path }, index) => [`${id} at ${path}`, `acknowledgement-${index}`]));
}

function strings(title: string, id: string, list: string[], open: boolean, targets: Targets): Markup {
  const items = list.map((text, index) => {
    const target = targets.get(text);
    return html`<li ${rowAttributes(`${id}-${index}`)}>${
      target ? html`<a href="#${target}"><code>${text}</code></a>` : html`<code>${text}</code>`
    }</li>
`;
  });
  return folded(title, list.length, open, html`<ul class="places" aria-label="${counted(list.length, 'line')}">${items}</ul>`);
}
