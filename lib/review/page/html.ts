import { createHash } from 'node:crypto';
import type { Review } from '../review';
import { Anchors } from './anchors';
import { html, type Markup, raw } from './markup';
import { SCRIPT } from './script';
import { contents, type SectionWriter, sectionMarkup } from './section';
import { acknowledged } from './sections/acknowledged';
import { architecture } from './sections/architecture';
import { changes } from './sections/changes';
import { checks } from './sections/checks';
import { encryption } from './sections/encryption';
import { findings } from './sections/findings';
import { internet } from './sections/internet';
import { limits } from './sections/limits';
import { register } from './sections/register';
import { resources } from './sections/resources';
import { state } from './sections/state';
import { statements } from './sections/statements';
import { verdict } from './sections/verdict';
import { STYLE } from './style';
import { toolbar } from './toolbar';

/** In the order a reviewer reads them. */
const WRITERS: SectionWriter[] = [
  checks,
  changes,
  architecture,
  internet,
  state,
  encryption,
  statements,
  findings,
  acknowledged,
  register,
  limits,
  resources,
];

/** The review as one HTML file that needs no network. */
export function htmlPage(review: Review): string {
  const anchors = new Anchors(review);
  const sections = WRITERS.flatMap((write) => write(review, anchors) ?? []);
  const answer = review.verdict.clean ? 'Clean' : 'Not clean';
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${answer}: review of ${review.assembly}</title>
<link rel="icon" href="data:,">
<style>${raw(STYLE)}</style>
</head>
<body>
<a class="skip" href="#page">To the page</a>
<div class="layout">
<aside>${contents([{ id: 'verdict', title: 'Verdict', body: html`` }, ...sections])}</aside>
<main id="page" tabindex="-1">
${verdict(review)}
${toolbar(review, anchors)}
${sections.map(sectionMarkup)}
<p class="unmatched" id="unmatched" hidden>No row matches the search and the filters.</p>
</main>
</div>
<script>${raw(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

/** Nothing but the one style sheet and the one script of this file may have an effect. */
function policy(): Markup {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return raw(
    `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; img-src data:; base-uri 'none'; form-action 'none'`,
  );
}
