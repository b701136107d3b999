import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CDK_ACKNOWLEDGEMENTS, isOfTheCdk } from '../../lib/review/register/cdk-acknowledgements';

test('what the installed CDK acknowledges by itself is listed, and nothing else', () => {
  const home = dirname(require.resolve('aws-cdk-lib/package.json'));
  const files = readdirSync(home)
    .filter((folder) => folder === 'core' || folder.startsWith('aws-'))
    .flatMap((folder) =>
      readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(home, folder, file)),
    )
    .filter((file) => file.endsWith('.js') && !file.endsWith('.generated.js'));
  const found = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const pattern = /\.acknowledge\(\{id:"CloudFormation-Validate::(\w+)",reason:"([^"]+)"/g;
    return [...text.matchAll(pattern)].map(([, rule, reason]) => `${rule} ${reason}`);
  });

  expect([...new Set(found)].sort()).toEqual(CDK_ACKNOWLEDGEMENTS.map((entry) => entry.join(' ')).sort());
}, 60_000);

test('the same rule with the reason of a person is theirs', () => {
  const [[rule, reason]] = CDK_ACKNOWLEDGEMENTS;

  expect(isOfTheCdk(`CloudFormation-Validate::${rule}`, reason)).toBe(true);
  expect(isOfTheCdk(`CloudFormation-Validate::${rule}`, 'We looked at it and it is fine')).toBe(false);
  expect(isOfTheCdk(`Other::${rule}`, reason)).toBe(false);
});
