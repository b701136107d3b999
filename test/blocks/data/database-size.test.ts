import { Lazy } from 'aws-cdk-lib';
import { DatabaseSize } from '../../../lib/blocks/data/database-size';

test('the members grow with the users', () => {
  const sizes = [DatabaseSize.USERS_1K, DatabaseSize.USERS_100K, DatabaseSize.USERS_1M, DatabaseSize.USERS_10M];
  expect(sizes.map(({ minCapacity, maxCapacity }) => [minCapacity, maxCapacity])).toEqual([
    [0, 2],
    [0.5, 8],
    [2, 32],
    [8, 128],
  ]);
  expect(sizes.map(({ autoPauses }) => autoPauses)).toEqual([true, false, false, false]);
  expect(sizes.map(({ supportsGlobalDatabase }) => supportsGlobalDatabase)).toEqual([false, false, false, true]);
});

test.each([
  [0, 1],
  [0.5, 1],
  [0.5, 256],
  [256, 256],
])('of(%d, %d) is a size', (least, most) => {
  expect(DatabaseSize.of(least, most)).toMatchObject({ minCapacity: least, maxCapacity: most });
});

test.each([
  [-0.5, 1, 'minCapacity must be 0 to 256 ACU in steps of 0.5, got -0.5: choose the nearest step'],
  [0.25, 1, 'minCapacity must be 0 to 256 ACU in steps of 0.5, got 0.25: choose the nearest step'],
  [Number.NaN, 1, 'minCapacity must be 0 to 256 ACU in steps of 0.5, got NaN: choose the nearest step'],
  [1, 0.5, 'maxCapacity must be 1 to 256 ACU in steps of 0.5, got 0.5: choose the nearest step'],
  [1, 256.5, 'maxCapacity must be 1 to 256 ACU in steps of 0.5, got 256.5: choose the nearest step'],
  [8, 4, 'minCapacity must not be above maxCapacity, got 8 and 4 ACU: raise maxCapacity'],
])('of(%d, %d) is refused', (least, most, message) => {
  expect(() => DatabaseSize.of(least, most)).toThrow(new Error(message));
});

test('capacities not known yet are let through', () => {
  const size = DatabaseSize.of(Lazy.number({ produce: () => 1 }), Lazy.number({ produce: () => 2 }));
  expect([size.autoPauses, size.supportsGlobalDatabase]).toEqual([false, true]);
});
