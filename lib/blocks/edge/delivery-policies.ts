import { Duration, Names, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';

/** How long the edge keeps a static file that does not say so itself (seed: one hour for static content). */
const STATIC = Duration.hours(1);

/** How long the edge keeps an answer of the application at most (seed: 60 seconds for dynamic content). */
const DYNAMIC = Duration.seconds(60);

/**
 * Keeps an answer as long as its `Cache-Control` says, at most 60 seconds, and not at all without one. Nothing but the application
 * knows which of its answers are the same for everybody: a default of 60 seconds would show a page to its own visitor as it was
 * before the last click, and to others what a viewer is known by beside cookie and token, an address or an `X-Api-Key`.
 *
 * What is kept, is kept apart for each `Authorization` header and each set of cookies. Unlike AWS's own policy for that, the key
 * holds the Authorization header: a cached answer to one bearer token must never go to another (CloudFront developer guide,
 * configuring caching based on the authorization header).
 */
export function dynamicCachePolicy(scope: Construct): cloudfront.CachePolicy {
  return new cloudfront.CachePolicy(scope, 'DynamicCachePolicy', {
    cachePolicyName: nameOf(scope, 'dynamic-60s'),
    comment: 'Answers of the application: as they ask, for each viewer, at most 60 seconds',
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.seconds(0),
    maxTtl: DYNAMIC,
    headerBehavior: cloudfront.CacheHeaderBehavior.allowList(
      'Authorization',
      'Host',
      'Origin',
      // In AWS's policy too: the origin gets them, and a framework that obeys them answers with something else.
      'X-HTTP-Method',
      'X-HTTP-Method-Override',
      'X-Method-Override',
    ),
    cookieBehavior: cloudfront.CacheCookieBehavior.all(),
    queryStringBehavior: cloudfront.CacheQueryStringBehavior.all(),
    enableAcceptEncodingGzip: true,
    enableAcceptEncodingBrotli: true,
  });
}

/** Keeps a file for an hour, or as its own `Cache-Control` says, the same for everybody: the key is the path. */
export function staticCachePolicy(scope: Construct): cloudfront.CachePolicy {
  return new cloudfront.CachePolicy(scope, 'StaticCachePolicy', {
    cachePolicyName: nameOf(scope, 'static-1h'),
    comment: 'Static files: one hour, unless they ask otherwise',
    minTtl: Duration.seconds(0),
    defaultTtl: STATIC,
    maxTtl: Duration.days(365),
    headerBehavior: cloudfront.CacheHeaderBehavior.none(),
    cookieBehavior: cloudfront.CacheCookieBehavior.none(),
    queryStringBehavior: cloudfront.CacheQueryStringBehavior.none(),
    enableAcceptEncodingGzip: true,
    enableAcceptEncodingBrotli: true,
  });
}

/**
 * Adds the headers that protect a site's visitors, where the application has not said otherwise. As AWS's own policy of that name,
 * without `X-XSS-Protection`, which browsers have given up; spelled out, because the template should show them.
 */
export function securityHeaders(scope: Construct): cloudfront.ResponseHeadersPolicy {
  return new cloudfront.ResponseHeadersPolicy(scope, 'SecurityHeaders', {
    responseHeadersPolicyName: nameOf(scope, 'security-headers'),
    comment: 'Headers that protect the visitors of the site',
    securityHeadersBehavior: {
      // Not for names below the site's: what answers there may not speak HTTPS.
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: false, override: false },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: cloudfront.HeadersFrameOption.SAMEORIGIN, override: false },
      referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override: false },
    },
  });
}

/** With the Region, because the name is one for the whole account. */
function nameOf(scope: Construct, purpose: string): string {
  return `${Names.uniqueResourceName(scope, { maxLength: 80, separator: '-' })}-${purpose}-${Stack.of(scope).region}`;
}
