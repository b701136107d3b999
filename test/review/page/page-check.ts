/** Elements without an end. */
const VOID = new Set(['meta', 'link', 'input', 'br', 'wbr', 'hr', 'img']);

/** Elements whose text is no markup. */
const RAW = new Set(['script', 'style', 'title']);

/** What is wrong with the markup of a page: nesting, ids, links into the page. */
export function pageFaults(page: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const ids = new Set<string>();
  const links: string[] = [];
  const tags = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"]*")?)*)\s*(\/?)>|<!doctype html>|[<>]/g;
  let skipTo: string | undefined;
  for (const [text, end, name, attributes, closed] of page.matchAll(tags)) {
    if (skipTo !== undefined && !(end && name === skipTo)) continue;
    skipTo = undefined;
    if (text === '<!doctype html>') continue;
    if (name === undefined) faults.push(`a ${text} that is not escaped`);
    else if (end) {
      const last = open.pop();
      if (last !== name) faults.push(`</${name}> closes <${last}>`);
    } else {
      for (const [, key, value] of attributes.matchAll(/([a-zA-Z-]+)(?:="([^"]*)")?/g)) {
        if (key === 'id' && ids.has(value)) faults.push(`two elements with the id ${value}`);
        if (key === 'id') ids.add(value);
        if (key === 'href' || key === 'aria-labelledby' || key === 'aria-describedby') links.push(`${key} ${value}`);
        if (/^on|^style$|^src$/.test(key)) faults.push(`<${name}> with ${key}`);
      }
      if (!closed && !VOID.has(name)) open.push(name);
      // A title of a drawing is markup as any other, but holds text only.
      if (RAW.has(name)) skipTo = name;
    }
  }
  if (open.length > 0) faults.push(`<${open.join('> <')}> without an end`);
  for (const link of links) {
    const [key, ...values] = link.split(' ');
    if (key === 'href') {
      const [value] = values;
      if (value.startsWith('#') ? !ids.has(value.slice(1)) : value !== 'data:,') faults.push(`a link to ${value}`);
    } else for (const value of values) if (!ids.has(value)) faults.push(`${key} ${value}`);
  }
  return faults;
}
