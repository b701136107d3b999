import type { Assembly } from '../../assembly/cloud-assembly';
import { isObject, items, valueAt } from '../../assembly/values';
import { DISTRIBUTION, type Distribution, distributions } from '../template/distributions';
import { makersOf } from '../template/regional-things';
import type { TemplateRule } from './rule';

export const s3OriginWithoutAccessControl: TemplateRule = {
  id: 's3-origin-without-access-control',
  severity: 'warning',
  sentence:
    'CloudFront reads a bucket by an origin access control (or the older identity), or the bucket must be open to everybody to be served',
  source:
    'Amazon CloudFront Developer Guide, Restrict access to an Amazon S3 origin; CloudFormation AWS::CloudFront::Distribution S3OriginConfig',
  types: [DISTRIBUTION],
  find: (assembly) =>
    distributions(assembly).flatMap((distribution) =>
      items(distribution.config.Origins).flatMap((origin, index) => {
        if (!isObject(origin) || !isBucket(origin, distribution, assembly) || hasAccess(origin, distribution, assembly))
          return [];
        const { stack, logicalId } = distribution;
        const property = `DistributionConfig.Origins.${index}.OriginAccessControlId`;
        return [
          { stack, logicalId, property, details: `origin ${isText(origin.Id) ? origin.Id : index} has neither that signs` },
        ];
      }),
    ),
};

/** A bucket's website endpoint is another server, which knows no access control. */
function isBucket(origin: Record<string, unknown>, { stack }: Distribution, assembly: Assembly): boolean {
  const { DomainName, CustomOriginConfig } = origin;
  if (CustomOriginConfig !== undefined) return false;
  if (isText(DomainName)) return /\.s3([.-][a-z0-9-]+)?\.amazonaws\.com(\.cn)?$/.test(DomainName);
  return origin.S3OriginConfig !== undefined || makersOf(DomainName, stack, assembly, 'AWS::S3::Bucket').length > 0;
}

function hasAccess(
  { OriginAccessControlId, S3OriginConfig }: Record<string, unknown>,
  { stack }: Distribution,
  assembly: Assembly,
): boolean {
  if (OriginAccessControlId !== undefined && OriginAccessControlId !== '') {
    const controls = makersOf(OriginAccessControlId, stack, assembly, 'AWS::CloudFront::OriginAccessControl');
    // "never": CloudFront signs no request, and the bucket cannot tell it from anybody else.
    return !controls.some(
      (site) =>
        valueAt(site.stack.template.Resources?.[site.logicalId]?.Properties, ['OriginAccessControlConfig', 'SigningBehavior']) ===
        'never',
    );
  }
  const identity = isObject(S3OriginConfig) ? S3OriginConfig.OriginAccessIdentity : undefined;
  return identity !== undefined && identity !== '';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
