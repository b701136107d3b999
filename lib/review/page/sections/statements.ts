import type { Review, StatementFacts } from '../../review';
import type { Anchors } from '../anchors';
import { html, type Markup } from '../markup';
import { nothing, placeCell, row, type TableShape, table } from '../row';
import type { Section } from '../section';

export const STATEMENTS: TableShape = {
  name: 'statements',
  columns: [
    { heading: 'Policy', width: 34, plain: true },
    { heading: 'Statement', width: 42, plain: true },
    { heading: 'Listed because', width: 24 },
  ],
};

/** IAM statements a reviewer must read. */
export function statements({ statements, acknowledgements }: Review, anchors: Anchors): Section {
  // What nobody answers for comes first.
  const order = [...statements.keys()].sort((left, right) => rank(statements[left]) - rank(statements[right]));
  return {
    id: 'statements',
    title: 'IAM statements to read',
    count: statements.length,
    lead: 'Statements with a wildcard, and those that trust another account or anyone.',
    body:
      statements.length === 0
        ? nothing('No policy has a wildcard, and none trusts another account or anyone.')
        : table(
            STATEMENTS,
            order.map((index) => {
              const { acknowledgement } = statements[index];
              const reason = acknowledgement === undefined ? undefined : acknowledgements[acknowledgement]?.reason;
              return statementRow(statements[index], index, reason, anchors);
            }),
          ),
  };
}

function rank({ acknowledgement }: StatementFacts): number {
  return acknowledgement === undefined ? 0 : 1;
}

function statementRow(facts: StatementFacts, index: number, reason: string | undefined, anchors: Anchors): Markup {
  const { place, effect, principals, actions, resources, conditions, why, acknowledgement } = facts;
  const status = acknowledgement === undefined ? [] : ['acknowledged' as const];
  const part = (name: string, values: string[]) =>
    values.length > 0 && html`<dt>${name}</dt>${values.map((value) => html`<dd><code>${value}</code></dd>`)}`;
  return row(`statement-${index}`, { stacks: [anchors.stack(place)], status }, [
    placeCell(place, anchors),
    html`<dl class="statement"><dt>Effect</dt><dd><b>${effect}</b></dd>${part('Principals', principals)}${part('Actions', actions)}${part(
      'Resources',
      resources,
    )}${part('Conditions', conditions)}</dl>`,
    html`<ul class="why">${why.map((sentence) => html`<li>${sentence}</li>`)}</ul>${
      reason !== undefined &&
      html`<p class="reason"><a href="#acknowledgement-${acknowledgement}">Acknowledged</a>: ${reason}</p>`
    }`,
  ]);
}
