import type { LimitFacts, Review, StackFacts } from '../../review';
import type { Anchors } from '../anchors';
import { html, type Markup } from '../markup';
import { breakable, nothing, row, type TableShape, table } from '../row';
import type { Section } from '../section';
import { number } from '../words';

export const LIMITS: TableShape = {
  name: 'limits',
  columns: [
    { heading: 'Stack', width: 32, plain: true },
    { heading: 'Resources', width: 17 },
    { heading: 'Template bytes', width: 17 },
    { heading: 'Outputs', width: 17 },
    { heading: 'Parameters', width: 17 },
  ],
};

/** From here on a limit is close: the next feature may not fit. */
const CLOSE = 0.8;

/** How close each stack is to what CloudFormation takes. */
export function limits({ stacks }: Review, anchors: Anchors): Section {
  return {
    id: 'limits',
    title: 'Limits',
    count: stacks.length,
    alarming: stacks.filter((facts) => limitsOf(facts).some(({ value, limit }) => value >= limit * CLOSE)).length,
    lead: 'What CloudFormation takes in one stack, and how much of it is used.',
    body:
      stacks.length === 0
        ? nothing('The assembly has no stacks.')
        : table(
            LIMITS,
            stacks.map((facts, index) => stackRow(facts, index, anchors)),
          ),
  };
}

function limitsOf({ resources, templateBytes, outputs, parameters }: StackFacts): LimitFacts[] {
  return [resources, templateBytes, outputs, parameters];
}

function stackRow(facts: StackFacts, index: number, anchors: Anchors): Markup {
  const { stack, stackName, region, account, templateFile } = facts;
  return row(`stack-${index}`, { stacks: anchors.stacksAt(stack) }, [
    html`<div class="at"><b>${stackName}</b> <span class="type"><span>${region}</span> <span>${account}</span></span><span class="path">${breakable(stack)}</span><span class="lines">${breakable(templateFile)}</span></div>`,
    ...limitsOf(facts).map(gauge),
  ]);
}

function gauge({ value, limit }: LimitFacts): Markup {
  const share = limit > 0 ? value / limit : 1;
  const kind = share >= 1 ? 'error' : share >= CLOSE ? 'warning' : 'passed';
  const told = `${number(value)} of ${number(limit)}`;
  return html`<span class="gauge"><b>${number(value)}</b> of ${number(limit)}</span><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${told}"><rect class="rail" width="100" height="8"/><rect class="${kind}" width="${Math.min(share * 100, 100).toFixed(2)}" height="8"/></svg>`;
}
