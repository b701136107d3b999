import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import type { LogBucket } from '../operations/log-bucket';

/** Properties of a ContentDelivery. */
export interface ContentDeliveryProps {
  /** Bucket with the static files, served below `/assets/`. */
  readonly assets: s3.IBucket;
  /** Host name that answers everything else: a record of the load balancers, or one load balancer's own name. */
  readonly originHost: string;
  /** Whether that host has a certificate CloudFront can check. */
  readonly originHttps: boolean;
  /** Receives the access logs. */
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

/**
 * CloudFront before the product, with one origin for the application and not an origin group, because a behaviour with a group
 * refuses writes (CloudFront API, AllowedMethods): Regions fail over in DNS instead. Static files come from a private bucket,
 * everything else is cached as the application's own headers ask.
 */
export class ContentDelivery extends Construct {
  public readonly distribution: cloudfront.Distribution;

  constructor(scope: Construct, id: string, props: ContentDeliveryProps) {
    super(scope, id);
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      defaultBehavior: {
        origin: new origins.HttpOrigin(props.originHost, {
          originId: 'application',
          protocolPolicy: props.originHttps
            ? cloudfront.OriginProtocolPolicy.HTTPS_ONLY
            : cloudfront.OriginProtocolPolicy.HTTP_ONLY,
          originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
        }),
        // Caching follows the headers of the application; nothing without them is kept (seed: 60 seconds for dynamic content is
        // the application's to say).
        cachePolicy: cloudfront.CachePolicy.USE_ORIGIN_CACHE_CONTROL_HEADERS_QUERY_STRINGS,
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER,
        responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        compress: true,
      },
      additionalBehaviors: {
        '/assets/*': {
          origin: origins.S3BucketOrigin.withOriginAccessControl(props.assets, { originId: 'assets' }),
          cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
          responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
          viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
          compress: true,
        },
      },
      domainNames: props.domainNames,
      certificate: props.certificate,
      webAclId: props.webAclArn,
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      enableLogging: true,
      logBucket: props.logBucket.bucket,
      logFilePrefix: 'content-delivery/',
    });
    this.acknowledgePolicies(props);
  }

  private acknowledgePolicies(props: ContentDeliveryProps): void {
    acknowledge(this.distribution, {
      id: 'AwsSolutions::AwsSolutions-CFR1',
      reason:
        'The product is meant for readers everywhere; which countries to shut out is a business decision that no library can take. ' +
        'Set `geoRestriction` on the exposed distribution where one is taken.',
    });
    if (!props.webAclArn) {
      acknowledge(this.distribution, {
        id: 'AwsSolutions::AwsSolutions-CFR2',
        reason:
          'A web application firewall costs more than 10 USD a month before the first request and comes with the next stage; until ' +
          'then AWS Shield Standard protects the distribution, and a web ACL can be associated through the exposed distribution.',
      });
    }
    if (!props.certificate) {
      acknowledge(this.distribution, {
        id: 'AwsSolutions::AwsSolutions-CFR4',
        reason:
          'Without a domain of its own the site answers under the cloudfront.net name, whose certificate fixes the minimum protocol. ' +
          'Viewers are redirected to HTTPS; giving the product a domain raises the minimum to TLS 1.2.',
      });
    }
    if (!props.originHttps) {
      acknowledge(this.distribution, {
        id: 'AwsSolutions::AwsSolutions-CFR5',
        reason:
          'Without a domain no public certificate can exist for the load balancer, so CloudFront speaks HTTP to it. The security ' +
          'group admits CloudFront addresses only; giving the product a domain turns this leg to TLS 1.2.',
      });
    }
  }
}
