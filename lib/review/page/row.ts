import type { Place, SourceLine } from '../places/place';
import type { Severity } from '../review';
import type { Anchors } from './anchors';
import { html, joined, type Markup, type Piece, raw } from './markup';
import { shortType } from './words';

/** What the search and the filters know about a row. */
export interface RowMarks {
  readonly severity?: Severity;
  readonly pack?: string;
  /** Indexes of its stacks. */
  readonly stacks?: number[];
  readonly status?: ('open' | 'acknowledged' | 'attention')[];
}

/** A column of a table. On a narrow screen its heading stands before each cell. */
export interface Column {
  readonly heading: string;
  /** Share of the table's width, in per cent. */
  readonly width: number;
  /** The cell speaks for itself: no heading on a narrow screen. */
  readonly plain?: boolean;
  /** Numbers stand right. */
  readonly number?: boolean;
}

/** A kind of table. */
export interface TableShape {
  /** Class name. */
  readonly name: string;
  readonly columns: Column[];
}

/** The attributes that mark a row: its id, and what the filters go by. */
export function rowAttributes(id: string, { severity, pack, stacks, status }: RowMarks = {}): Markup {
  return html`id="${id}" data-row${severity && html` data-s="${severity}"`}${pack && html` data-p="${pack}"`}${
    stacks && stacks.length > 0 && html` data-k="${stacks.join(' ')}"`
  }${status && status.length > 0 && html` data-o="${status.join(' ')}"`}`;
}

/** A row of a table. The first cell is its heading; the last one may span several columns. */
export function row(id: string, marks: RowMarks, cells: Piece[], lastSpans = 1): Markup {
  const [first, ...others] = cells;
  const span = (index: number) => index === others.length - 1 && lastSpans > 1 && html` colspan="${lastSpans}"`;
  return html`<tr ${rowAttributes(id, marks)}><th scope="row">${first}</th>${others.map(
    (cell, index) => html`<td${span(index)}>${cell}</td>`,
  )}</tr>
`;
}

export function table({ name, columns }: TableShape, rows: Markup[]): Markup {
  return html`<table class="${name}"><thead><tr>${columns.map(({ heading }) => html`<th scope="col">${heading}</th>`)}</tr></thead><tbody>
${rows}</tbody></table>`;
}

/** The style rules of a kind of table. */
export function tableStyle({ name, columns }: TableShape): string {
  return columns
    .map(({ heading, width, plain, number }, index) => {
      const cell = `.${name}>*>tr>:nth-child(${index + 1})`;
      const label = plain
        ? ''
        : `@media screen and (max-width:760px){.${name}>tbody>tr>:nth-child(${index + 1})::before{content:"${heading}"}}`;
      return `${cell}{width:${width}%${number ? ';text-align:right' : ''}}${label}`;
    })
    .join('\n');
}

/** Where something stands: logical id, type, construct path, line of the template and line of code. */
export function placeCell(place: Place, anchors: Anchors): Markup {
  const anchor = anchors.resource(place);
  const many = anchors.stacks.length > 1;
  return html`<div class="at">${logicalId(place, anchor)} <span class="type"><span>${shortType(place.type)}</span>${
    many && html` <span>${place.region}</span>`
  }</span>${placeLines(place)}</div>`;
}

/** The construct path, the line of the template and the line of code, as far as they are known. */
export function placeLines({ path, templateFile, line, source }: Place): Markup {
  return html`<span class="path">${path === undefined ? 'no construct path in the assembly' : breakable(path)}</span><span class="lines"><span>${breakable(
    line === undefined ? templateFile : `${templateFile}:${line}`,
  )}</span>${source && html` <span>${breakable(sourceLine(source))}</span>`}</span>`;
}

/** A path or a line that breaks behind a slash first, and before its ending. */
export function breakable(path: string): Markup {
  return joined(path.split(/(?<=\/)|(?=\.template\.json)/u), raw('<wbr>'));
}

export function sourceLine({ file, line }: SourceLine): string {
  return `${file}:${line}`;
}

/** A link to the resource's row, where it has one. */
export function resourceLink(place: Place, anchors: Anchors): Markup {
  return logicalId(place, anchors.resource(place));
}

export function severityMark(severity: Severity): Markup {
  return html`<span class="mark ${severity}">${severity}</span>`;
}

/** Something a reviewer should look at. */
export function attentionNote(sentence: string | undefined): Markup {
  return sentence === undefined ? raw('') : html`<p class="attention"><b>Look here:</b> ${sentence}</p>`;
}

/** What a section says when it has no rows. */
export function nothing(sentence: string): Markup {
  return html`<p class="nothing">${sentence}</p>`;
}

function logicalId(place: Place, anchor: string | undefined): Markup {
  return anchor ? html`<a class="id" href="#${anchor}">${place.logicalId}</a>` : html`<span class="id">${place.logicalId}</span>`;
}
