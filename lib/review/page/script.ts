/**
 * The script of the page, for browsers. Without it the page reads the same, and the search is not shown.
 * Text, because this library is compiled without the types of a browser.
 */
export const SCRIPT = `'use strict';
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const rows = all('[data-row]').map((element) => ({ element, text: undefined, ...element.dataset }));
  const groups = all('[data-group]');
  const sections = all('main > section');
  const search = one('search'), left = one('left'), clear = one('clear'), filters = one('filters');
  const choices = ['severity', 'status', 'pack', 'stack'].map((name) => one('by-' + name));
  const openBefore = new Map();
  const links = new Map(all('aside a').map((link) => [link.hash.slice(1), link]));

  // What a group says in its heading holds for each of its rows.
  const heading = (group) => all(':scope > summary, :scope > .reason, :scope > .source, :scope > .written', group).map((part) => part.textContent).join(' ');
  const headings = new Map(groups.map((group) => [group, heading(group)]));
  const textOf = (row) => {
    if (row.text === undefined) {
      let text = row.element.textContent;
      for (let at = row.element.parentElement; at; at = at.parentElement) if (headings.has(at)) text += ' ' + headings.get(at);
      row.text = text.toLowerCase();
    }
    return row.text;
  };
  const has = (list, value) => list !== undefined && list.split(' ').includes(value);

  const apply = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const [severity, status, pack, stack] = choices.map((choice) => choice.value);
    const stacks = stack.split(' ');
    const filtered = words.length > 0 || choices.some((choice) => choice.value !== '');
    let shown = 0;
    for (const row of rows) {
      const fits = (!severity || row.s === severity) && (!status || has(row.o, status)) && (!pack || row.p === pack)
        && (!stack || stacks.some((index) => has(row.k, index))) && words.every((word) => textOf(row).includes(word));
      row.element.classList.toggle('off', !fits);
      if (fits) shown++;
    }
    const live = new Set();
    if (filtered) for (const { element } of rows) {
      if (!element.classList.contains('off')) for (let at = element.parentElement; at && !live.has(at); at = at.parentElement) live.add(at);
    }
    for (const holder of [...groups, ...all('main table')]) holder.classList.toggle('off', filtered && !live.has(holder));
    for (const section of sections) section.classList.toggle('off', filtered && !live.has(section));
    for (const [id, link] of links) link.classList.toggle('off', filtered && id !== 'verdict' && one(id).classList.contains('off'));
    one('unmatched').hidden = shown > 0 || !filtered;
    for (const details of all('main section details')) {
      if (filtered) {
        if (!openBefore.has(details)) openBefore.set(details, details.open);
        details.open = live.has(details) || openBefore.get(details);
      } else if (openBefore.has(details)) details.open = openBefore.get(details);
    }
    if (!filtered) openBefore.clear();
    for (const choice of choices) choice.classList.toggle('set', choice.value !== '');
    clear.disabled = !filtered;
    left.textContent = filtered ? shown.toLocaleString('en-US') + ' of ' + rows.length.toLocaleString('en-US') + ' rows' : rows.length.toLocaleString('en-US') + ' rows';
  };

  // A link leads into what is folded, and past the filters.
  const follow = () => {
    let target;
    try { target = one(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!target) return;
    if (target.closest('.off')) { one('toolbar').reset(); return; }
    let folded = false;
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS' && !at.open) { at.open = true; folded = true; }
    if (folded) target.scrollIntoView();
  };

  let waiting;
  search.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(apply, 80); });
  for (const choice of choices) choice.addEventListener('change', apply);
  one('toolbar').addEventListener('submit', (event) => event.preventDefault());
  one('toolbar').addEventListener('reset', () => setTimeout(() => { apply(); follow(); }));
  addEventListener('hashchange', follow);
  addEventListener('keydown', (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); search.focus(); }
    if (event.key === 'Escape' && event.target === search) { search.value = ''; apply(); }
  });

  // Wires of the box under the pointer or the focus.
  for (const drawing of all('svg.picture')) {
    const wires = all('.wire', drawing);
    const light = (event) => {
      const target = event.target.querySelector('.node') || event.target.closest('.node');
      const node = event.type === 'pointerout' || event.type === 'focusout' ? undefined : target && target.dataset.n;
      drawing.classList.toggle('lit', node !== undefined && node !== null);
      for (const wire of wires) wire.classList.toggle('on', wire.dataset.a === node || wire.dataset.b === node);
    };
    for (const node of all('a, .node', drawing)) for (const type of ['pointerover', 'pointerout', 'focusin', 'focusout']) node.addEventListener(type, light);
  }

  // The table of contents says where the reader is.
  const seen = new Set();
  const here = () => {
    const current = ['verdict', ...sections.map(({ id }) => id)].filter((id) => seen.has(id))[0];
    for (const [id, link] of links) {
      if (id === current) {
        if (!link.hasAttribute('aria-current')) {
          link.setAttribute('aria-current', 'location');
          const strip = link.closest('nav');
          if (strip.scrollWidth > strip.clientWidth) strip.scrollLeft = link.offsetLeft - strip.offsetLeft - 40;
        }
      } else link.removeAttribute('aria-current');
    }
  };
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target.id) : seen.delete(target.id);
    here();
  }, { rootMargin: '-140px 0px -45% 0px' });
  for (const section of [one('verdict'), ...sections]) watch.observe(section);

  // Older browsers print only what is unfolded.
  let unfolded = [];
  addEventListener('beforeprint', () => { unfolded = all('details:not([open])'); for (const details of unfolded) details.open = true; });
  addEventListener('afterprint', () => { for (const details of unfolded) details.open = false; });

  const wide = matchMedia('(min-width: 761px)');
  const fold = () => { filters.open = wide.matches; };
  wide.addEventListener('change', fold);
  fold();
  one('toolbar').hidden = false;
  apply();
  follow();
})();
`;
