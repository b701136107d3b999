import type * as wafv2 from 'aws-cdk-lib/aws-wafv2';

/** Longest text a match statement takes (AWS WAF quotas). */
const LONGEST = 200;

/**
 * A path as the application would read it at most: decoded, with `//`, `/./`, `/../` and backslashes resolved, in lower case. What is
 * matched like this is not evaded by another spelling, and more is caught rather than less.
 */
export const AS_READ: wafv2.CfnWebACL.TextTransformationProperty[] = [
  { priority: 0, type: 'URL_DECODE' },
  { priority: 1, type: 'NORMALIZE_PATH_WIN' },
  { priority: 2, type: 'LOWERCASE' },
];

/**
 * Refuses what no path would ever match after it is decoded, normalized and in lower case.
 * @throws if the path is not the plain start of one
 */
export function checkPath(prop: string, path: string): void {
  const plain = /^\/[A-Za-z0-9._~!$&'()+,=:@/-]*$/.test(path) && !/\/\/|\/\.{1,2}(\/|$)/.test(path) && path.length <= LONGEST;
  if (plain) return;
  throw new Error(
    `${prop} must be the start of a path such as '/login', at most ${LONGEST} characters without '*', '?', '%' or '..', got: '${path}': ` +
      'write the path that the application sees, it stands for everything below it',
  );
}

/** Requests whose path starts like this, however it is spelled; every request for `/`. */
export function pathStartsWith(path: string): wafv2.CfnWebACL.StatementProperty | undefined {
  if (path === '/') return undefined;
  return {
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: 'STARTS_WITH',
      searchString: path.toLowerCase(),
      textTransformations: AS_READ,
    },
  };
}

/** Static files come from CloudFront's cache by the dozen a page; an office behind one address would be over the limit at once. */
export const BEYOND_STATIC_FILES: wafv2.CfnWebACL.StatementProperty = {
  notStatement: {
    statement: {
      byteMatchStatement: {
        fieldToMatch: { uriPath: {} },
        positionalConstraint: 'STARTS_WITH',
        searchString: '/assets/',
        // As the application would read it at most: CloudFront picks the behaviour by the normalized path and sends the raw one, so
        // without these /assets/../login would be spared (CloudFront developer guide, path pattern). Not in lower case, nor with
        // backslashes resolved: what is spared must be spelled as CloudFront spells it.
        textTransformations: [
          { priority: 0, type: 'URL_DECODE' },
          { priority: 1, type: 'NORMALIZE_PATH' },
        ],
      },
    },
  },
};
