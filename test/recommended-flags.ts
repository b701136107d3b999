import * as cxapi from 'aws-cdk-lib/cx-api';

interface FlagInfo {
  readonly recommendedValue?: unknown;
  readonly introducedIn: { readonly v2?: string };
}

/** Every feature flag of the installed aws-cdk-lib at the value `cdk init` gives it. */
export const RECOMMENDED_FLAGS: Record<string, unknown> = Object.fromEntries(
  Object.entries(cxapi.FLAGS as Record<string, FlagInfo>)
    // A flag of version 1 only makes CDK throw.
    .filter(([, flag]) => flag.recommendedValue !== undefined && flag.introducedIn.v2 !== undefined)
    .map(([name, flag]) => [name, flag.recommendedValue]),
);
