import { Duration, Stack, Token } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { CONTENT_DELIVERY_LOGS, type LogBucket } from '../operations/log-bucket';
import { acknowledgeDelivery } from './delivery-acknowledgements';
import { dynamicCachePolicy, securityHeaders, staticCachePolicy } from './delivery-policies';
import { EDGE_REGION } from './firewall';
import { ORIGIN_HEADER } from './origin-verification';

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
  /**
   * Value of the header `X-Origin-Verify` that proves to the application's load balancer where a request comes from; a reference
   * that CloudFormation resolves, never the value itself.
   * @default - no header
   */
  readonly originHeaderValue?: string;
  /**
   * Path of the page that viewers get instead of a 502, 503 or 504; asked of the bucket, then of the application's host.
   * @default - viewers get what the application's host answered
   */
  readonly errorPagePath?: string;
  /**
   * Whether CloudFront also counts cache hits and measures the origin: eight metrics at CloudWatch's price of a custom metric.
   * @default false
   */
  readonly additionalMetrics?: boolean;
}

/** How long the edge remembers that the application did not answer: so long it is spared, and so long a visitor waits for it. */
const OUTAGE = Duration.seconds(5);

/** How long the edge remembers any other error, which is ten seconds where nobody says so (CloudFront developer guide). */
const ERROR = Duration.seconds(1);

/**
 * CloudFront before the product, with one origin for the application and not an origin group, because a behaviour with a group
 * refuses writes (CloudFront API, AllowedMethods): Regions fail over in DNS instead. Static files, which nobody writes here, come
 * from a private bucket, and from the application while the bucket has them not. They are kept for an hour unless they ask otherwise;
 * answers of the application as they ask, at most a minute, apart for each `Authorization` header and each set of cookies.
 */
export class ContentDelivery extends Construct {
  public readonly distribution: cloudfront.Distribution;
  /** How long static files are kept. */
  public readonly staticCachePolicy: cloudfront.CachePolicy;
  /** How long answers of the application are kept. */
  public readonly dynamicCachePolicy: cloudfront.CachePolicy;
  private readonly hasAdditionalMetrics: boolean;

  constructor(scope: Construct, id: string, props: ContentDeliveryProps) {
    super(scope, id);
    const logs = deliversLogsTo(Stack.of(this).region);
    this.staticCachePolicy = staticCachePolicy(this);
    this.dynamicCachePolicy = dynamicCachePolicy(this);
    this.hasAdditionalMetrics = props.additionalMetrics ?? false;
    const application = new origins.HttpOrigin(props.originHost, {
      originId: 'application',
      protocolPolicy: props.originHttps ? cloudfront.OriginProtocolPolicy.HTTPS_ONLY : cloudfront.OriginProtocolPolicy.HTTP_ONLY,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
      customHeaders: props.originHeaderValue === undefined ? undefined : { [ORIGIN_HEADER]: props.originHeaderValue },
    });
    const common = {
      responseHeadersPolicy: securityHeaders(this),
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: true,
    };
    const files = {
      ...common,
      // The application answers for files that nobody has published to the bucket yet, as it did on the single server.
      origin: new origins.OriginGroup({
        primaryOrigin: origins.S3BucketOrigin.withOriginAccessControl(props.assets, { originId: 'assets' }),
        fallbackOrigin: application,
        fallbackStatusCodes: [403, 404],
      }),
      cachePolicy: this.staticCachePolicy,
    };
    const paths = ['/assets/*', ...(props.errorPagePath === undefined ? [] : [props.errorPagePath])];
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      defaultBehavior: {
        ...common,
        origin: application,
        cachePolicy: this.dynamicCachePolicy,
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      },
      additionalBehaviors: Object.fromEntries(paths.map((path) => [path, files])),
      errorResponses: errorResponses(props.errorPagePath),
      domainNames: props.domainNames,
      certificate: props.certificate,
      webAclId: props.webAclArn,
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      publishAdditionalMetrics: this.hasAdditionalMetrics || undefined,
      enableLogging: logs,
      logBucket: logs ? props.logBucket.bucket : undefined,
      logFilePrefix: logs ? `${CONTENT_DELIVERY_LOGS}/` : undefined,
    });
    // CDK names an origin group by the path through the whole app.
    const resource = this.distribution.node.defaultChild as cloudfront.CfnDistribution;
    resource.addPropertyOverride('DistributionConfig.OriginGroups.Items.0.Id', 'assets-or-application');
    for (const index of paths.keys()) {
      resource.addPropertyOverride(`DistributionConfig.CacheBehaviors.${index}.TargetOriginId`, 'assets-or-application');
    }
    acknowledgeDelivery(this.distribution, props, logs);
  }

  /** Requests of viewers. */
  public metricRequests(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Requests', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /** Percent of requests that were answered with an error of the product, 5xx. */
  public metric5xxErrorRate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('5xxErrorRate', props);
  }

  /** Percent of requests that were answered with an error of the viewer, 4xx. */
  public metric4xxErrorRate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('4xxErrorRate', props);
  }

  /** Bytes sent to viewers. */
  public metricBytesDownloaded(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BytesDownloaded', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * Percent of what could be cached that the edge had.
   * @throws if there are no additional metrics
   */
  public metricCacheHitRate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.additionalMetric('CacheHitRate', props);
  }

  /**
   * Milliseconds until the first byte of what the edge had not; give a percentile as statistic.
   * @throws if there are no additional metrics
   */
  public metricOriginLatency(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.additionalMetric('OriginLatency', props);
  }

  private additionalMetric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.hasAdditionalMetrics) {
      throw new Error(
        `${metricName} is measured only with additionalMetrics, got false: set it to true (it costs eight metrics)`,
      );
    }
    return this.metric(metricName, props);
  }

  /** The distribution's own methods leave out the dimension Region and the Region where CloudFront's metrics are. */
  private metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/CloudFront',
      metricName,
      dimensionsMap: { DistributionId: this.distribution.distributionId, Region: 'Global' },
      region: EDGE_REGION,
      ...props,
    });
  }
}

/** What viewers get for errors, and for how long: a page where nobody answered, else what the application said. */
function errorResponses(pagePath?: string): cloudfront.ErrorResponse[] {
  const outage = (httpStatus: number) => ({
    httpStatus,
    ttl: OUTAGE,
    // Told as it is, for whoever watches the site.
    ...(pagePath !== undefined && { responseHttpStatus: httpStatus, responsePagePath: pagePath }),
  });
  return [...[400, 403, 404, 405, 500].map((httpStatus) => ({ httpStatus, ttl: ERROR })), ...[502, 503, 504].map(outage)];
}

/** Whether CloudFront writes its access logs to buckets of a Region (CloudFront developer guide, standard logging). */
export function deliversLogsTo(region: string): boolean {
  return Token.isUnresolved(region) || !RegionInfo.get(region).isOptInRegion;
}
