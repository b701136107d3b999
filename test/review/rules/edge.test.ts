import type { Assembly } from '../../../lib/assembly/cloud-assembly';
import { aliasOnTwoDistributions } from '../../../lib/review/rules/alias-on-two-distributions';
import { aliasesWithoutCertificate } from '../../../lib/review/rules/aliases-without-certificate';
import { cloudfrontWebAclOutsideUsEast1 } from '../../../lib/review/rules/cloudfront-web-acl-outside-us-east-1';
import { originIdWithoutOrigin } from '../../../lib/review/rules/origin-id-without-origin';
import { s3OriginWithoutAccessControl } from '../../../lib/review/rules/s3-origin-without-access-control';
import { viewerCertificateOutsideUsEast1 } from '../../../lib/review/rules/viewer-certificate-outside-us-east-1';
import { viewerProtocolAllowAll } from '../../../lib/review/rules/viewer-protocol-allow-all';
import { viewerTlsBelow2021 } from '../../../lib/review/rules/viewer-tls-below-2021';
import { webAclAssociationMismatch } from '../../../lib/review/rules/web-acl-association-mismatch';
import { webAclNotForCloudfront } from '../../../lib/review/rules/web-acl-not-for-cloudfront';
import { assemblyOf, describeRule, type Resources, stackOf } from './templates';

type Config = Record<string, unknown>;

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/abc';
const MAYBE = { Ref: 'Maybe' };

function distribution(DistributionConfig: unknown): Resources {
  return { Site: ['CloudFront::Distribution', { DistributionConfig }] };
}

function cdn(config: Config): Assembly {
  return assemblyOf(distribution(config));
}

function certified(ViewerCertificate: unknown, more: Config = {}): Config {
  return { ViewerCertificate, ...more };
}

/** A stack of another Region, with an output of its only resource. */
function producer(region: string, type: string, properties: Config = {}) {
  return stackOf({ Made: [type, properties] }, { region, template: { Outputs: { Arn: { Value: { Ref: 'Made' } } } } });
}

function outputOf(Region: string) {
  return { 'Fn::GetStackOutput': { StackName: 'Shop', Region, OutputName: 'Arn' } };
}

describeRule(viewerCertificateOutsideUsEast1, {
  holds: {
    'a certificate of us-east-1': cdn(certified({ AcmCertificateArn: CERTIFICATE })),
    'a certificate of a stack in us-east-1': assemblyOf(
      distribution(certified({ AcmCertificateArn: outputOf('us-east-1') })),
      producer('us-east-1', 'CertificateManager::Certificate'),
    ),
    'a parameter': cdn(certified({ AcmCertificateArn: MAYBE })),
    'the certificate of CloudFront': cdn(certified({ CloudFrontDefaultCertificate: true })),
    'a stack without a Region': assemblyOf(
      stackOf(
        {
          ...distribution(certified({ AcmCertificateArn: { Ref: 'Cert' } })),
          Cert: ['CertificateManager::Certificate', {}],
        },
        { region: 'unknown-region' },
      ),
    ),
  },
  broken: {
    'an own certificate of the same nested stack': [
      assemblyOf(
        stackOf(
          {},
          {
            nested: {
              Nest: stackOf({
                ...distribution(certified({ AcmCertificateArn: { Ref: 'Cert' } })),
                Cert: ['CertificateManager::Certificate', {}],
              }),
            },
          },
        ),
      ),
      ['eu-central-1 Site DistributionConfig.ViewerCertificate.AcmCertificateArn: this one lies in eu-central-1'],
    ],

    'an ARN of another Region': [
      cdn(certified({ AcmCertificateArn: CERTIFICATE.replace('us-east-1', 'eu-west-1') })),
      ['eu-central-1 Site DistributionConfig.ViewerCertificate.AcmCertificateArn: this one lies in eu-west-1'],
    ],
    'an own certificate of the same stack': [
      assemblyOf({
        ...distribution(certified({ AcmCertificateArn: { Ref: 'Cert' } })),
        Cert: ['CertificateManager::Certificate', {}],
      }),
      ['eu-central-1 Site DistributionConfig.ViewerCertificate.AcmCertificateArn: this one lies in eu-central-1'],
    ],
    'an own certificate of another Region': [
      assemblyOf(
        distribution(certified({ AcmCertificateArn: outputOf('eu-west-1') })),
        producer('eu-west-1', 'CertificateManager::Certificate'),
      ),
      ['eu-central-1 Site DistributionConfig.ViewerCertificate.AcmCertificateArn: this one lies in eu-west-1'],
    ],
  },
});

const ORIGINS = { Origins: [{ Id: 'app' }, { Id: 'assets' }] };
const members = (...ids: string[]) => ({ Items: ids.map((OriginId) => ({ OriginId })), Quantity: ids.length });
const groups = (...ids: string[]) => ({ OriginGroups: { Items: [{ Id: 'either', Members: members(...ids) }], Quantity: 1 } });

describeRule(originIdWithoutOrigin, {
  holds: {
    'one origin among others whose id only a deploy knows': cdn({
      Origins: [{ Id: 'app' }, { Id: MAYBE }],
      DefaultCacheBehavior: { TargetOriginId: 'x' },
    }),
    'a group that does not say its members': cdn({ ...ORIGINS, OriginGroups: { Items: [{ Id: 'either' }] } }),

    'ids of origins and groups': cdn({
      ...ORIGINS,
      ...groups('app', 'assets'),
      DefaultCacheBehavior: { TargetOriginId: 'either' },
      CacheBehaviors: [{ TargetOriginId: 'app' }],
    }),
    'an origin whose id only a deploy knows': cdn({ Origins: [{ Id: MAYBE }], DefaultCacheBehavior: { TargetOriginId: 'x' } }),
    'an id that only a deploy knows': cdn({ ...ORIGINS, DefaultCacheBehavior: { TargetOriginId: MAYBE } }),
    'a configuration that only a deploy knows': assemblyOf(distribution(MAYBE)),
  },
  broken: {
    'a default behaviour': [
      cdn({ ...ORIGINS, DefaultCacheBehavior: { TargetOriginId: 'nowhere' } }),
      ['eu-central-1 Site DistributionConfig.DefaultCacheBehavior.TargetOriginId: nowhere is none of app, assets'],
    ],
    'another behaviour': [
      cdn({ ...ORIGINS, CacheBehaviors: [{ TargetOriginId: 'app' }, { TargetOriginId: 'gone' }] }),
      ['eu-central-1 Site DistributionConfig.CacheBehaviors.1.TargetOriginId: gone is none of app, assets'],
    ],
    'a member of a group': [
      cdn({ ...ORIGINS, ...groups('app', 'gone') }),
      ['eu-central-1 Site DistributionConfig.OriginGroups.Items.0.Members.Items.1.OriginId: gone is none of app, assets'],
    ],
    'a group in a group': [
      cdn({ ...ORIGINS, ...groups('either', 'app') }),
      ['eu-central-1 Site DistributionConfig.OriginGroups.Items.0.Members.Items.0.OriginId: either is none of app, assets'],
    ],
  },
});

const ACL = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/Acl/abc';
const GLOBAL_ACL: Resources = { Acl: ['WAFv2::WebACL', { Scope: 'CLOUDFRONT' }] };
const REGIONAL_ACL: Resources = { Acl: ['WAFv2::WebACL', { Scope: 'REGIONAL' }] };
const withOwnAcl = distribution({ WebACLId: { 'Fn::GetAtt': ['Acl', 'Arn'] } });

const stage = (name: string) => ({
  constructPath: `${name}/Shop`,
  region: 'us-east-1',
  template: { Outputs: { Arn: { Value: { Ref: 'Made' } } } },
});

describeRule(webAclNotForCloudfront, {
  holds: {
    'the same product at two stages, of which this one is right': assemblyOf(
      stackOf({ Made: ['WAFv2::WebACL', { Scope: 'REGIONAL' }] }, stage('stage3')),
      stackOf({ Made: ['WAFv2::WebACL', { Scope: 'CLOUDFRONT' }] }, stage('stage4')),
      stackOf(distribution({ WebACLId: outputOf('us-east-1') }), { constructPath: 'stage4/Shop/Away' }),
    ),

    'a global ACL': cdn({ WebACLId: ACL }),
    'an ACL of WAF Classic': cdn({ WebACLId: 'a1b2c3d4' }),
    'an own global ACL': assemblyOf(stackOf({ ...withOwnAcl, ...GLOBAL_ACL }, { region: 'us-east-1' })),
    'a parameter': cdn({ WebACLId: MAYBE }),
    none: cdn({}),
  },
  broken: {
    'a regional ARN': [
      cdn({ WebACLId: ACL.replace(':global', ':regional') }),
      ['eu-central-1 Site DistributionConfig.WebACLId: this one is regional'],
    ],
    'an ARN of another Region': [
      cdn({ WebACLId: ACL.replace('us-east-1', 'eu-west-1') }),
      ['eu-central-1 Site DistributionConfig.WebACLId: this one lies in eu-west-1'],
    ],
    'an own regional ACL': [
      assemblyOf(stackOf({ ...withOwnAcl, ...REGIONAL_ACL }, { region: 'us-east-1' })),
      ['us-east-1 Site DistributionConfig.WebACLId: Acl has Scope REGIONAL'],
    ],
    'an own global ACL of another Region': [
      assemblyOf(
        distribution({ WebACLId: outputOf('eu-west-1') }),
        producer('eu-west-1', 'WAFv2::WebACL', { Scope: 'CLOUDFRONT' }),
      ),
      ['eu-central-1 Site DistributionConfig.WebACLId: Made lies in eu-west-1'],
    ],
  },
});

describeRule(cloudfrontWebAclOutsideUsEast1, {
  holds: {
    'us-east-1': assemblyOf(stackOf(GLOBAL_ACL, { region: 'us-east-1' })),
    'a regional ACL anywhere': assemblyOf(REGIONAL_ACL),
    'a scope that only a deploy knows': assemblyOf({ Acl: ['WAFv2::WebACL', { Scope: MAYBE }] }),
    'a stack without a Region': assemblyOf(stackOf(GLOBAL_ACL, { region: 'unknown-region' })),
  },
  broken: {
    'an ACL in another Region': [assemblyOf(GLOBAL_ACL), ['eu-central-1 Acl Scope: its stack lies in eu-central-1']],
    'addresses in another Region': [
      assemblyOf({ Friends: ['WAFv2::IPSet', { Scope: 'CLOUDFRONT' }] }),
      ['eu-central-1 Friends Scope: its stack lies in eu-central-1'],
    ],
  },
});

const associated = (WebACLArn: unknown): Resources => ({ Link: ['WAFv2::WebACLAssociation', { WebACLArn }] });
const OWN_ACL = { 'Fn::GetAtt': ['Acl', 'Arn'] };

describeRule(webAclAssociationMismatch, {
  holds: {
    'a regional ARN': assemblyOf(associated(ACL.replace('us-east-1', 'eu-central-1').replace(':global', ':regional'))),

    'an own regional ACL': assemblyOf({ ...associated(OWN_ACL), ...REGIONAL_ACL }),
    'a parameter': assemblyOf(associated(MAYBE)),
  },
  broken: {
    'an own ACL for CloudFront': [
      assemblyOf({ ...associated(OWN_ACL), ...GLOBAL_ACL }),
      ['eu-central-1 Link WebACLArn: this one is for CloudFront'],
    ],
    'an ARN for CloudFront': [assemblyOf(associated(ACL)), ['eu-central-1 Link WebACLArn: this one is for CloudFront']],
    'an ACL of another Region': [
      assemblyOf(associated(outputOf('eu-west-1')), producer('eu-west-1', 'WAFv2::WebACL', { Scope: 'REGIONAL' })),
      ['eu-central-1 Link WebACLArn: this one lies in eu-west-1, the association in eu-central-1'],
    ],
  },
});

describeRule(viewerProtocolAllowAll, {
  holds: {
    'a redirect': cdn({ DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https' } }),
    'a policy that only a deploy knows': cdn({ DefaultCacheBehavior: { ViewerProtocolPolicy: MAYBE } }),
  },
  broken: {
    'one behaviour of several': [
      cdn({
        DefaultCacheBehavior: { ViewerProtocolPolicy: 'https-only' },
        CacheBehaviors: [{ PathPattern: '/old/*', ViewerProtocolPolicy: 'allow-all' }],
      }),
      ['eu-central-1 Site DistributionConfig.CacheBehaviors.0.ViewerProtocolPolicy: the behaviour for /old/* has allow-all'],
    ],
    'the default behaviour': [
      cdn({ DefaultCacheBehavior: { ViewerProtocolPolicy: 'allow-all' } }),
      [
        'eu-central-1 Site DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy: the behaviour for everything else has allow-all',
      ],
    ],
  },
});

const TLS = 'eu-central-1 Site DistributionConfig.ViewerCertificate.MinimumProtocolVersion';

describeRule(viewerTlsBelow2021, {
  holds: {
    'TLSv1.2_2021': cdn(certified({ AcmCertificateArn: CERTIFICATE, MinimumProtocolVersion: 'TLSv1.2_2021' })),
    'TLSv1.3_2025': cdn(certified({ AcmCertificateArn: CERTIFICATE, MinimumProtocolVersion: 'TLSv1.3_2025' })),
    'a version that only a deploy knows': cdn(certified({ AcmCertificateArn: MAYBE, MinimumProtocolVersion: MAYBE })),
    'the certificate of CloudFront, whose version nobody can choose': cdn(certified({ CloudFrontDefaultCertificate: true })),
  },
  broken: {
    'an older policy': [
      cdn(certified({ AcmCertificateArn: MAYBE, MinimumProtocolVersion: 'TLSv1.2_2019' })),
      [`${TLS}: MinimumProtocolVersion is TLSv1.2_2019`],
    ],
    none: [cdn(certified({ IamCertificateId: 'abc' })), [`${TLS}: MinimumProtocolVersion is not set`]],
  },
});

const BUCKET = { Id: 'assets', DomainName: { 'Fn::GetAtt': ['Bucket', 'RegionalDomainName'] } };
const bucketOrigin = (origin: Config) => assemblyOf({ ...distribution({ Origins: [origin] }), Bucket: ['S3::Bucket', {}] });
const OPEN_BUCKET = [
  'eu-central-1 Site DistributionConfig.Origins.0.OriginAccessControlId: origin assets has neither that signs',
];

describeRule(s3OriginWithoutAccessControl, {
  holds: {
    'an access control': bucketOrigin({ ...BUCKET, S3OriginConfig: { OriginAccessIdentity: '' }, OriginAccessControlId: MAYBE }),
    'an identity': bucketOrigin({ ...BUCKET, S3OriginConfig: { OriginAccessIdentity: MAYBE } }),
    "a bucket's website": bucketOrigin({ ...BUCKET, CustomOriginConfig: { OriginProtocolPolicy: 'http-only' } }),
    'another server': bucketOrigin({ Id: 'app', DomainName: 'app.example.com', CustomOriginConfig: {} }),
    'a name that only a deploy knows': bucketOrigin({ Id: 'app', DomainName: MAYBE }),
  },
  broken: {
    'a bucket whose name only a deploy knows': [
      bucketOrigin({ Id: 'assets', DomainName: MAYBE, S3OriginConfig: { OriginAccessIdentity: '' } }),
      OPEN_BUCKET,
    ],

    'an access control that never signs': [
      assemblyOf({
        ...distribution({
          Origins: [{ ...BUCKET, S3OriginConfig: {}, OriginAccessControlId: { 'Fn::GetAtt': ['Never', 'Id'] } }],
        }),
        Never: ['CloudFront::OriginAccessControl', { OriginAccessControlConfig: { SigningBehavior: 'never' } }],
      }),
      OPEN_BUCKET,
    ],
    'an empty identity': [bucketOrigin({ ...BUCKET, S3OriginConfig: { OriginAccessIdentity: '' } }), OPEN_BUCKET],
    'a bucket of another app': [
      bucketOrigin({ Id: 'assets', DomainName: 'photos.s3.eu-west-1.amazonaws.com', S3OriginConfig: {} }),
      OPEN_BUCKET,
    ],
  },
});

const NAMED = { Aliases: ['shop.example.com'] };

describeRule(aliasesWithoutCertificate, {
  holds: {
    'a certificate': cdn(certified({ AcmCertificateArn: MAYBE }, NAMED)),
    'no alias': cdn({}),
    'a setting that only a deploy knows': cdn(certified(MAYBE, NAMED)),
  },
  broken: {
    'no certificate': [
      cdn(NAMED),
      ['eu-central-1 Site DistributionConfig.ViewerCertificate: it answers to shop.example.com and has none'],
    ],
    'the certificate of CloudFront': [
      cdn(certified({ CloudFrontDefaultCertificate: true }, { Aliases: [MAYBE] })),
      ['eu-central-1 Site DistributionConfig.ViewerCertificate: it answers to names that only a deploy knows and has none'],
    ],
  },
});

describeRule(aliasOnTwoDistributions, {
  holds: {
    'two names': assemblyOf(
      distribution(NAMED),
      stackOf(distribution({ Aliases: ['www.example.com'] }), { region: 'us-east-1' }),
    ),
    'the same product at two stages': assemblyOf(
      stackOf(distribution(NAMED), { constructPath: 'stage3/Shop' }),
      stackOf(distribution(NAMED), { constructPath: 'stage4/Shop' }),
    ),
    'names that only a deploy knows': assemblyOf({
      ...distribution({ Aliases: [MAYBE] }),
      Other: ['CloudFront::Distribution', { DistributionConfig: { Aliases: [MAYBE] } }],
    }),
  },
  broken: {
    'one of the names of the first': [
      assemblyOf(
        distribution({ Aliases: ['a.example.com', ...NAMED.Aliases] }),
        stackOf(distribution(NAMED), { region: 'us-east-1' }),
      ),
      ['us-east-1 Site DistributionConfig.Aliases.0: shop.example.com is an alias of Site of eu-central-1 too'],
    ],

    'one name twice': [
      assemblyOf(
        distribution(NAMED),
        stackOf(distribution({ Aliases: ['a.example.com', 'Shop.example.com'] }), { region: 'us-east-1' }),
      ),
      ['us-east-1 Site DistributionConfig.Aliases.1: Shop.example.com is an alias of Site of eu-central-1 too'],
    ],
  },
});
