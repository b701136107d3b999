import type { Review, Severity } from '../review';
import { packOf } from '../rule-id';
import type { Anchors } from './anchors';
import { html, type Markup } from './markup';

const SEVERITIES: Severity[] = ['error', 'warning', 'note'];

/** Search and filters. They stay hidden where no script runs. */
export function toolbar({ checks, findings, acknowledgements }: Review, anchors: Anchors): Markup {
  const ids = [...findings, ...acknowledgements].map(({ id }) => packOf(id));
  const packs = [...new Set([...checks.map(({ pack }) => pack), ...ids])].filter((pack) => pack !== undefined);
  const regions = new Map<string, number[]>();
  anchors.stacks.forEach(({ region }, index) => {
    regions.set(region, [...(regions.get(region) ?? []), index]);
  });
  return html`<form class="toolbar" id="toolbar" role="search" hidden>
<input id="search" type="search" placeholder="Search all rows" aria-label="Search all rows" aria-describedby="left" autocomplete="off" spellcheck="false">
<details id="filters"><summary>Filters</summary><div class="selects">
<select id="by-severity" aria-label="Severity"><option value="">Any severity</option>${SEVERITIES.map(
    (severity) => html`<option value="${severity}">${severity}s</option>`,
  )}</select>
<select id="by-status" aria-label="Status"><option value="">Any status</option><option value="open">open</option><option value="acknowledged">acknowledged</option><option value="attention">to look at</option></select>
<select id="by-pack" aria-label="Pack"><option value="">All packs</option>${packs.map((pack) => html`<option value="${pack}">${pack}</option>`)}</select>
<select id="by-stack" aria-label="Stack or Region"><option value="">All stacks</option>${
    regions.size > 1 &&
    html`<optgroup label="Regions">${[...regions].map(
      ([region, indexes]) => html`<option value="${indexes.join(' ')}">${region}</option>`,
    )}</optgroup>`
  }<optgroup label="Stacks">${anchors.stacks.map(
    ({ stack, region }, index) => html`<option value="${index}">${stack}, ${region}</option>`,
  )}</optgroup></select>
</div></details>
<button type="reset" id="clear" disabled>Clear</button>
<output id="left" for="search"></output>
</form>
`;
}
