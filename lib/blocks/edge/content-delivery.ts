import { Duration, Names, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { acknowledge, sameReason } from '../operations/acknowledge';
import type { LogBucket } from '../operations/log-bucket';

/** Properties of a ContentDelivery. */
export interface ContentDeliveryProps {
  /** Bucket with the static files, served below `/assets/`; what it has not, the application is asked for. */
  readonly assets: s3.IBucket;
  /** Host name that answers everything else: a record of the load balancers, or one load balancer's own name. */
  readonly originHost: string;
  /** Whether that host has a certificate CloudFront can check. */
  readonly originHttps: boolean;
  /** Receives the access logs, unless it lies in an opt-in Region, to which CloudFront delivers none. */
  readonly logBucket: LogBucket;
  /**
   * Names of the site, all on the certificate.
   * @default - the name CloudFront gives
   */
  readonly domainNames?: string[];
  /**
   * Certificate in us-east-1; CloudFront takes no other.
   * @default - CloudFront's own for its own name
   */
  readonly certificate?: acm.ICertificate;
  /**
   * ARN of a web ACL with scope CLOUDFRONT, in us-east-1.
   * @default - no firewall
   */
  readonly webAclArn?: string;
}

/** Controls that want a certificate of the account, spoken by SNI. */
const OWN_CERTIFICATE = ['ControlTower::CT.CLOUDFRONT.PR.6', 'ControlTower::CT.CLOUDFRONT.PR.7'];

/**
 * CloudFront before the product, with one origin for the application and not an origin group, because a behaviour with a group
 * refuses writes (CloudFront API, AllowedMethods): Regions fail over in DNS instead. Static files, which nobody writes here, come
 * from a private bucket, and from the application while the bucket has them not; everything else is cached as the application's own
 * headers ask, apart for each `Authorization` header and each set of cookies.
 */
export class ContentDelivery extends Construct {
  public readonly distribution: cloudfront.Distribution;

  constructor(scope: Construct, id: string, props: ContentDeliveryProps) {
    super(scope, id);
    const logs = takesLogs(Stack.of(this).region);
    const application = new origins.HttpOrigin(props.originHost, {
      originId: 'application',
      protocolPolicy: props.originHttps ? cloudfront.OriginProtocolPolicy.HTTPS_ONLY : cloudfront.OriginProtocolPolicy.HTTP_ONLY,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
    });
    const common = {
      responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: true,
    };
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      defaultBehavior: {
        ...common,
        origin: application,
        cachePolicy: this.perViewer(),
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      },
      additionalBehaviors: {
        '/assets/*': {
          ...common,
          // The application answers for files that nobody has published to the bucket yet, as it did on the single server.
          origin: new origins.OriginGroup({
            primaryOrigin: origins.S3BucketOrigin.withOriginAccessControl(props.assets, { originId: 'assets' }),
            fallbackOrigin: application,
            fallbackStatusCodes: [403, 404],
          }),
          cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
        },
      },
      domainNames: props.domainNames,
      certificate: props.certificate,
      webAclId: props.webAclArn,
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      enableLogging: logs,
      logBucket: logs ? props.logBucket.bucket : undefined,
      logFilePrefix: logs ? 'content-delivery/' : undefined,
    });
    // CDK names an origin group by the path through the whole app.
    const resource = this.distribution.node.defaultChild as cloudfront.CfnDistribution;
    resource.addPropertyOverride('DistributionConfig.OriginGroups.Items.0.Id', 'assets-or-application');
    resource.addPropertyOverride('DistributionConfig.CacheBehaviors.0.TargetOriginId', 'assets-or-application');
    this.acknowledgePolicies(props, logs);
  }

  /**
   * Caches as the application's headers say, and nothing without them (seed: 60 seconds for dynamic content is the application's to
   * say). Unlike AWS's own policy for that, the key holds the Authorization header: a cached answer to one bearer token must never go
   * to another (CloudFront developer guide, configuring caching based on the authorization header).
   */
  private perViewer(): cloudfront.CachePolicy {
    return new cloudfront.CachePolicy(this, 'CachePolicy', {
      // With the Region, because the name is one for the whole account.
      cachePolicyName: `${Names.uniqueResourceName(this, { maxLength: 100, separator: '-' })}-${Stack.of(this).region}`,
      comment: 'As the origin says, for each viewer',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
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

  private acknowledgePolicies(props: ContentDeliveryProps, logs: boolean): void {
    acknowledge(
      this.distribution,
      {
        id: 'AwsSolutions::AwsSolutions-CFR1',
        reason:
          'The product is meant for readers everywhere; which countries to shut out is a business decision that no library can take. ' +
          'Set `geoRestriction` on the exposed distribution where one is taken.',
      },
      {
        id: 'ControlTower::CT.CLOUDFRONT.PR.1',
        reason:
          'The rule guards against a list of the files of a bucket where somebody asks for none of them. Here the application answers ' +
          'for the root, and a root object would ask it for another page than the visitor did. The bucket answers below /assets/ only, ' +
          'to CloudFront only, whose permission is to read objects and not to list them.',
      },
    );
    if (!logs) {
      acknowledge(
        this.distribution,
        ...sameReason(
          'CloudFront delivers standard access logs to no bucket of an opt-in Region, such as the one this product lives in. The load ' +
            'balancer logs every request that reaches it, and standard logging v2 can be set up through the exposed distribution.',
          'AwsSolutions::AwsSolutions-CFR3',
          'ControlTower::CT.CLOUDFRONT.PR.5',
          'Checkov::CKV_AWS_86',
        ),
      );
    }
    if (!props.webAclArn) {
      acknowledge(
        this.distribution,
        ...sameReason(
          'A web application firewall costs more than 10 USD a month before the first request and comes with the next stage; until ' +
            'then AWS Shield Standard protects the distribution, and a web ACL can be associated through the exposed distribution.',
          'AwsSolutions::AwsSolutions-CFR2',
          'Checkov::CKV_AWS_68',
        ),
      );
    }
    if (!props.certificate) {
      acknowledge(
        this.distribution,
        ...sameReason(
          'Without a domain of its own the site answers under the cloudfront.net name, whose certificate fixes the minimum protocol. ' +
            'Viewers are redirected to HTTPS; giving the product a domain raises the minimum to TLS 1.2.',
          'AwsSolutions::AwsSolutions-CFR4',
          ...OWN_CERTIFICATE,
          'ControlTower::CT.CLOUDFRONT.PR.9',
          'Checkov::CKV_AWS_174',
        ),
      );
    } else if (!certificateOfTemplate(this, props.certificate)) {
      acknowledge(
        this.distribution,
        ...sameReason(
          'The controls want a certificate of the account and take only one that they can read as a text or that is made in the same ' +
            'template. The distribution has such a certificate; it is made in us-east-1, as CloudFront demands, by another stack, and ' +
            'named by a reference to that.',
          ...OWN_CERTIFICATE,
        ),
      );
    }
    if (!props.originHttps) {
      acknowledge(
        this.distribution,
        ...sameReason(
          'Without a domain no public certificate can exist for the load balancer, so CloudFront speaks HTTP to it. The security ' +
            'group admits CloudFront addresses only, where their list is known; giving the product a domain turns this leg to TLS 1.2.',
          'AwsSolutions::AwsSolutions-CFR5',
          'ControlTower::CT.CLOUDFRONT.PR.8',
        ),
      );
    }
  }
}

/** Whether the certificate is written out, or made by the template that the distribution is in. */
function certificateOfTemplate(scope: Construct, certificate: acm.ICertificate): boolean {
  if (!Token.isUnresolved(certificate.certificateArn)) return true;
  return certificate.node.defaultChild instanceof acm.CfnCertificate && Stack.of(certificate) === Stack.of(scope);
}

/** Whether CloudFront writes its access logs to buckets of a Region (CloudFront developer guide, standard logging). */
function takesLogs(region: string): boolean {
  return Token.isUnresolved(region) || !RegionInfo.get(region).isOptInRegion;
}
