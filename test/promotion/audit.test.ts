import { AuditedEvents } from '../../lib/stages/audited-events';
import type { ProductAudit } from '../../lib/stages/product-audit';
import { planClimb, stageWith } from './ladder';

const FULL: ProductAudit = { events: AuditedEvents.ALL, managementEvents: true, fileBackups: true };
const LESS: ProductAudit = { restoreTests: false };

const product = (stage: number, audit?: ProductAudit) =>
  stageWith(stage, { props: () => ({ audit, regions: [{ region: 'us-west-2' }] }) });

describe('what is recorded of a product', () => {
  const [off, on, less] = [undefined, FULL, LESS].map((audit) => product(3, audit));

  test.each([
    ['switched on', off, on],
    ['switched off', on, off],
    ['cut down', on, less],
  ])('can be %s at any time in one deploy, and loses nothing', (_, before, after) => {
    const { plan, faults } = planClimb(before, after);
    expect(faults).toEqual([]);
    expect(plan.deploys).toHaveLength(1);
  });

  test.each([
    ['on', FULL],
    ['off', undefined],
  ])('climbs to the next stage, switched %s', (_, audit) => {
    expect(planClimb(audit ? on : off, product(4, audit)).faults).toEqual([]);
  });
});
