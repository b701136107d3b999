import { Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { crossRegionValue } from '../network/cross-region-value';
import { siblingStackName } from '../network/sibling-stack-name';
import type { LogBucket } from '../operations/log-bucket';
import { retain } from '../operations/retain';
import { grantsByServicesOnly } from '../operations/service-grants';
import { ContentDelivery } from './content-delivery';
import { EDGE_REGION, Firewall } from './firewall';
import { checkDomain, type ProductDomain, siteCertificate } from './product-domain';

/** Properties of a Site. */
export interface SiteProps {
  /** Bucket with the static files. */
  readonly assets: s3.IBucket;
  /** Host that answers everything else. */
  readonly originHost: string;
  /** Receives the access logs. */
  readonly logBucket: LogBucket;
  /**
   * Name of the site.
   * @default - the name CloudFront gives
   */
  readonly domain?: ProductDomain;
  /**
   * Whether a web application firewall with a rate limit stands before it.
   * @default false
   */
  readonly firewall?: boolean;
  /**
   * The product's key, for the firewall's log where that is in the same Region; in a stack of its own it gets a key of its own.
   * @default - a key of the account nowhere
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Value of the header `X-Origin-Verify`, as a reference that CloudFormation resolves.
   * @default - no header
   */
  readonly originHeaderValue?: string;
  /**
   * Path of the page that viewers get instead of a 502, 503 or 504.
   * @default - viewers get what the application's host answered
   */
  readonly errorPagePath?: string;
  /**
   * Whether CloudFront also counts cache hits and measures the origin, for the price of eight custom metrics.
   * @default false
   */
  readonly additionalMetrics?: boolean;
}

/**
 * The site as its users see it: CloudFront with its certificate and firewall.
 *
 * What must live in us-east-1 goes into a stack of its own there, under this construct, unless the product's stack is there
 * already; its values arrive by weak references.
 *
 * @throws if the domain does not lie in its zone, or the stack in us-east-1 needs a zone that the product's stack makes
 */
export class Site extends Construct {
  public readonly delivery: ContentDelivery;
  public readonly firewall?: Firewall;
  /** The stack in us-east-1, where one is needed. */
  public readonly edgeStack?: Stack;

  constructor(scope: Construct, id: string, props: SiteProps) {
    super(scope, id);
    if (props.domain) checkDomain(props.domain);
    const madeHere = (props.domain && !props.domain.edgeCertificate) || props.firewall;
    if (madeHere && Stack.of(this).region !== EDGE_REGION) this.edgeStack = this.makeEdgeStack();
    const edge: Construct = this.edgeStack ?? this;

    const certificate = props.domain && (props.domain.edgeCertificate ?? this.certificate(edge, props.domain));
    this.firewall = props.firewall ? new Firewall(edge, 'Firewall', { encryptionKey: this.logKey(props) }) : undefined;
    this.delivery = new ContentDelivery(this, 'ContentDelivery', {
      assets: props.assets,
      originHost: props.originHost,
      originHttps: props.domain !== undefined,
      logBucket: props.logBucket,
      originHeaderValue: props.originHeaderValue,
      errorPagePath: props.errorPagePath,
      additionalMetrics: props.additionalMetrics,
      domainNames: props.domain && [props.domain.name],
      certificate,
      webAclArn:
        this.firewall &&
        crossRegionValue(this, { producer: this.firewall, name: 'WebAclArn', value: this.firewall.webAcl.attrArn }),
    });
  }

  private makeEdgeStack(): Stack {
    const product = Stack.of(this);
    return new Stack(this, 'Edge', {
      env: { account: Token.isUnresolved(product.account) ? undefined : product.account, region: EDGE_REGION },
      stackName: siblingStackName(this, 'edge'),
      description: 'What CloudFront takes from us-east-1 only',
    });
  }

  /** A key serves one Region, and a replica of the product's would have to wait for the stack that waits for this one. */
  private logKey({ encryptionKey }: SiteProps): kms.IKey | undefined {
    if (!this.edgeStack || !encryptionKey) return encryptionKey;
    const key = new kms.Key(this.edgeStack, 'LogKey', { description: "Encrypts the firewall's log", enableKeyRotation: true });
    retain(key);
    key.addToResourcePolicy(grantsByServicesOnly());
    return key;
  }

  private certificate(edge: Construct, domain: ProductDomain): acm.ICertificate {
    const { hostedZone } = domain;
    // An imported zone has no resource.
    if (edge !== this && hostedZone.node.defaultChild && Stack.of(hostedZone) === Stack.of(this)) {
      throw new Error(
        `domain.hostedZone must not be made in the product's own stack outside ${EDGE_REGION}, whose certificate needs the zone first: ` +
          'make it in a stack of its own, or give domain.edgeCertificate',
      );
    }
    const made = siteCertificate(edge, 'Certificate', domain);
    if (edge === this) return made;
    const arn = crossRegionValue(this, { producer: edge, name: 'CertificateArn', value: made.certificateArn });
    return acm.Certificate.fromCertificateArn(this, 'EdgeCertificate', arn);
  }
}
