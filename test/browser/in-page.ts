// What is evaluated within the page, as text: tests are compiled without the types of a browser.

/** Unfolds everything. */
export const UNFOLD = `for (const details of document.querySelectorAll('details')) details.open = true`;

/** Links into the page that lead nowhere, and links out of it. */
export const DEAD_LINKS = `[...document.querySelectorAll('a')].map((link) => link.getAttribute('href'))
  .filter((href) => !href.startsWith('#') || !document.getElementById(decodeURIComponent(href.slice(1))))`;

/** What is wider than its place: the document, a row, a cell, or a part of a cell. A drawing may scroll within its frame. */
export const OVERFLOWS = `(() => {
  const wide = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wide.push('document: ' + root.scrollWidth + ' > ' + root.clientWidth);
  const name = (element) => (element.closest('[id]') || element).id + ' ' + element.tagName + '.' + (element.getAttribute('class') || '');
  for (const holder of document.querySelectorAll('[data-row], [data-row] > *, section > *, .verdict, .verdict > *, summary')) {
    if (holder.closest('.frame')) continue;
    if (holder.scrollWidth > holder.clientWidth + 1 && holder.clientWidth > 0) wide.push(name(holder) + ': ' + holder.scrollWidth + ' > ' + holder.clientWidth);
    const right = holder.getBoundingClientRect().right;
    if (right > root.clientWidth + 1) wide.push(name(holder) + ' ends at ' + right);
    for (const part of holder.matches('th, td, li[data-row], summary') ? holder.querySelectorAll('*') : []) {
      const box = part.getBoundingClientRect();
      if (box.width > 0 && box.right > right + 1) wide.push(name(part) + ' leaves its cell at ' + box.right);
    }
  }
  return wide;
})()`;

/** Text of a drawing that leaves its box. */
export const TEXT_OUTSIDE = `[...document.querySelectorAll('svg.picture .node')].flatMap((node) => {
  const box = node.querySelector('rect').getBBox();
  return [...node.querySelectorAll('text')].filter((text) => {
    const { x, y, width, height } = text.getBBox();
    return x < box.x || x + width > box.x + box.width - 2 || y < box.y || y + height > box.y + box.height;
  }).map((text) => text.textContent);
})`;

/** Texts that are hard to read: less than 4.5 to 1 against what they stand on (WCAG 2.2, success criterion 1.4.3). */
export const FAINT_TEXTS = `(() => {
  const rgba = (color) => { const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number); return { r, g, b, a }; };
  const light = ({ r, g, b }) => {
    const part = (value) => { const share = value / 255; return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color.a === 1) return color;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const faint = new Map();
  for (const element of document.querySelectorAll('body *:not(script):not(option):not(optgroup):not(desc):not(title)')) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) || element.disabled) continue;
    const style = getComputedStyle(element);
    const drawn = element.namespaceURI.endsWith('svg');
    const ink = rgba(drawn ? style.fill : style.color);
    const [high, low] = [light(ink), light(ground(drawn ? element.closest('figure') : element))].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.set(element.tagName + '.' + (element.getAttribute('class') || ''), ratio.toFixed(2));
  }
  return [...faint].map(([name, ratio]) => name + ' ' + ratio);
})()`;

/** Rows that nobody can see, as their ids. */
export const UNSEEN_ROWS = `[...document.querySelectorAll('[data-row]')]
  .filter((row) => !row.checkVisibility({ contentVisibilityAuto: true }) || row.getBoundingClientRect().height === 0).map((row) => row.id)`;

/** Rows that the search and the filters let through. */
export const ROWS_LEFT = `[...document.querySelectorAll('[data-row]')].filter((row) => row.checkVisibility())
  .map((row) => ({ ...row.dataset, id: row.id, text: row.textContent }))`;
