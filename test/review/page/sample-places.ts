import type { Place } from '../../../lib/review/places/place';

export const REGIONS = ['us-east-1', 'eu-central-1', 'us-west-2', 'ap-southeast-1'];

/** Names as somebody writes them who wants to break the page. */
export const NASTY = `<script>alert("x")</script><img src=x onerror='alert(1)'> | \`tick\` & "quotes" 'single'`;
export const LONG_ARN = `arn:aws:iam::123456789012:role/${'a-very-long-path-without-any-space/'.repeat(6)}TheRoleThatReadsEverythingInEveryBucketOfThisAccount`;

export function stackOf(region: string): string {
  return region === REGIONS[0] ? 'stage4/Shop' : `stage4/Shop/Product-${region}`;
}

/** A place in one of the stacks; the logical id is made of the path as CDK does it. */
export function place(region: string, type: string, path: string, line = 100 + path.length * 37): Place {
  const hash = [...`${region}${path}`].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) >>> 0, 7);
  return {
    stack: stackOf(region),
    region,
    templateFile: `stage4ShopProduct${region.replaceAll('-', '')}${hash.toString(16).slice(0, 4).toUpperCase()}.template.json`,
    logicalId: `Product${path.replace(/[^A-Za-z0-9]/g, '')}${hash.toString(16).toUpperCase().padStart(8, '0')}`,
    type,
    path: `${stackOf(region)}/Product/${path}`,
    line,
    source: { file: 'bin/product/build-product.ts', line: 20 + (hash % 160) },
  };
}
