import { readAssembly } from '../../../lib/assembly/cloud-assembly';
import { checksFor } from '../../../lib/review/checks/list';
import { makeReview } from '../../../lib/review/make-review';
import type { Review } from '../../../lib/review/review';
import { pipeline, serverPipeline } from './delivery-fixture';

describe.each([
  ['a cluster', pipeline],
  ['a single server', serverPipeline],
])('the review of a product on %s with its pipeline', (_, made) => {
  let review: Review;
  beforeAll(async () => {
    const { app } = made();
    review = await makeReview(readAssembly(app.synth().directory), { checks: checksFor({}) });
  }, 600_000);

  test('finds nothing open in any of its stacks', () => {
    const open = review.findings.filter(({ acknowledgement }) => acknowledgement === undefined);
    expect(open.map(({ id, place }) => `${id} at ${place?.path ?? place?.logicalId}`)).toEqual([]);
  });

  test('finds no fault with an acknowledgement', () => {
    const faulty = review.acknowledgements.filter(({ fault }) => fault !== undefined);
    expect(faulty.map(({ id, path, fault }) => `${id} at ${path}: ${fault}`)).toEqual([]);
  });
});
