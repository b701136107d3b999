import { isIntrinsic, isObject, sameValue } from '../../assembly/values';

/** The hosted zone of every CloudFront distribution, whose health Route 53 cannot evaluate (Route 53 API Reference, AliasTarget). */
const CLOUDFRONT_ZONE = 'Z2FDTNDATAQYW2';

/** What an alias does about the health of what it leads to; `none` for a record that is no alias, or leads to CloudFront. */
export function healthOfTarget(aliasTarget: unknown): 'evaluated' | 'ignored' | 'unknown' | 'none' {
  if (isIntrinsic(aliasTarget)) return 'unknown';
  if (!isObject(aliasTarget)) return 'none';
  const { EvaluateTargetHealth, HostedZoneId } = aliasTarget;
  if (isIntrinsic(EvaluateTargetHealth)) return 'unknown';
  if (sameValue(EvaluateTargetHealth, true)) return 'evaluated';
  return HostedZoneId === CLOUDFRONT_ZONE ? 'none' : 'ignored';
}
