import type { Review } from '../review';
import type { Anchors } from './anchors';
import { html, type Markup } from './markup';
import { number } from './words';

/** A part of the page. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** What stands behind its name in the table of contents. */
  readonly count?: number;
  /** How many of them are bad. */
  readonly alarming?: number;
  /** A sentence below the title. */
  readonly lead?: string;
  readonly body: Markup;
}

/** Writes a part of the page, or nothing where the review has none of it. */
export type SectionWriter = (review: Review, anchors: Anchors) => Section | undefined;

export function sectionMarkup({ id, title, count, lead, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}${count !== undefined && html` <span class="count">${number(count)}</span>`}</h2>
${lead && html`<p class="lead">${lead}</p>`}${body}
</section>
`;
}

export function contents(sections: Section[]): Markup {
  return html`<nav aria-label="Contents"><ol>${sections.map(
    ({ id, title, count, alarming = 0 }) =>
      html`<li><a href="#${id}"><span>${title}</span>${alarming > 0 && html` <span class="alarm">${number(alarming)}</span>`}${
        count !== undefined && alarming === 0 && html` <span class="count">${number(count)}</span>`
      }</a></li>`,
  )}</ol></nav>`;
}
