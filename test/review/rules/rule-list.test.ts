import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../../../lib/review/rules';
import type { TemplateRule } from '../../../lib/review/rules/rule';

const FOLDER = join(__dirname, '../../../lib/review/rules');
const FILES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !['index.ts', 'rule.ts'].includes(file))
  .map((file) => file.replace('.ts', ''));
const TESTS = readdirSync(__dirname)
  .filter((file) => file.endsWith('.test.ts') && file !== 'rule-list.test.ts')
  .map((file) => readFileSync(join(__dirname, file), 'utf8'))
  .join('\n');

function nameOf({ id }: TemplateRule): string {
  return id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

test('the list has every rule of the folder once, by id', () => {
  expect(RULES.map(({ id }) => id)).toEqual([...FILES].sort());
});

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  test('is exported by its own name from its own file', () => {
    expect((require(join(FOLDER, id)) as Record<string, unknown>)[nameOf(rule)]).toBe(rule);
  });

  test('says what must hold in one sentence, and where that is written', () => {
    expect(rule.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
    expect(rule.sentence).toMatch(/^\S.{20,}[^.\s]$/);
    expect(rule.source).toMatch(/^\S.{10,}[^.\s]$/);
    expect(['error', 'warning', 'note']).toContain(rule.severity);
    expect(rule.types.every((type) => /^AWS::\w+::\w+$/.test(type))).toBe(true);
  });

  test('is small', () => {
    expect(readFileSync(join(FOLDER, `${id}.ts`), 'utf8').split('\n').length).toBeLessThan(120);
  });

  test('is tested where it holds and where it is broken', () => {
    expect(new RegExp(`(describeRule\\(\\s*|rule: )${nameOf(rule)}\\b`).test(TESTS)).toBe(true);
  });
});
