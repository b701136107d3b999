import { Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { crossRegionValue } from '../network/cross-region-value';
import { siblingStackName } from '../network/sibling-stack-name';
import { AlarmTopic } from '../operations/alarm-topic';
import type { LogBucket } from '../operations/log-bucket';
import { retain } from '../operations/retain';
import { grantsByServicesOnly } from '../operations/service-grants';
import { ContentDelivery } from './content-delivery';
import { EdgeAlarms } from './edge-alarms';
import { EDGE_REGION, Firewall } from './firewall';
import type { FirewallRules } from './firewall-rules';
import { checkDomain, type ProductDomain, siteCertificate } from './product-domain';
import { protectByShield } from './shield-protection';

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
   * What a web application firewall before it refuses.
   * @default - no firewall
   */
  readonly firewall?: FirewallRules;
  /**
   * Where alarms of the edge go while the product is in us-east-1. CloudFront's metrics are there, and an alarm reads no other
   * Region's, nor tells another's topic: elsewhere they stand in a stack there, with a topic of their own, see `alarms`.
   * @default - no alarms
   */
  readonly alarms?: AlarmTopic;
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
  /** Certificate in us-east-1 of the site's name; where it is made here, of those below it too. Only with a domain. */
  public readonly certificate?: acm.ICertificate;
  public readonly firewall?: Firewall;
  /** The stack in us-east-1, where one is needed. */
  public readonly edgeStack?: Stack;
  /** What says that the cache spares the application too little, or that the firewall refuses many; where there are alarms. */
  public readonly edgeAlarms?: EdgeAlarms;
  /** Where these alarms go, for people to subscribe to: the topic given, or one in us-east-1. */
  public readonly alarms?: AlarmTopic;

  constructor(scope: Construct, id: string, props: SiteProps) {
    super(scope, id);
    if (props.domain) checkDomain(props.domain);
    const madeHere = (props.domain && !props.domain.edgeCertificate) || props.firewall;
    if (madeHere && Stack.of(this).region !== EDGE_REGION) {
      this.edgeStack = this.stackInEdgeRegion('Edge', 'edge', 'What CloudFront takes from us-east-1 only');
    }
    const edge: Construct = this.edgeStack ?? this;

    this.certificate = props.domain && (props.domain.edgeCertificate ?? this.makeCertificate(edge, props.domain));
    const encryptionKey = props.firewall && this.logKey(props);
    this.firewall = props.firewall && new Firewall(edge, 'Firewall', { rules: props.firewall, encryptionKey });
    this.delivery = new ContentDelivery(this, 'ContentDelivery', {
      assets: props.assets,
      originHost: props.originHost,
      originHttps: props.domain !== undefined,
      logBucket: props.logBucket,
      originHeaderValue: props.originHeaderValue,
      errorPagePath: props.errorPagePath,
      additionalMetrics: props.additionalMetrics,
      domainNames: props.domain && [props.domain.name],
      certificate: this.certificate,
      webAclArn:
        this.firewall &&
        crossRegionValue(this, { producer: this.firewall, name: 'WebAclArn', value: this.firewall.webAcl.attrArn }),
    });
    if (props.firewall) protectByShield(this, this.delivery.distribution.distributionArn, props.firewall);
    if (!props.alarms) return;
    const place = Stack.of(this).region === EDGE_REGION ? this : this.makeAlarmStack();
    this.alarms = place === this ? props.alarms : this.edgeTopic(place, encryptionKey);
    const { distributionId } = this.delivery.distribution;
    this.edgeAlarms = new EdgeAlarms(place, 'EdgeAlarms', {
      distributionId: crossRegionValue(place, { producer: this.delivery, name: 'DistributionId', value: distributionId }),
      additionalMetrics: props.additionalMetrics,
      firewall: this.firewall,
      alarmTopic: this.alarms,
    });
  }

  /** Deploys after the product's stack, whose distribution it watches, which deploys after the edge stack. */
  private makeAlarmStack(): Stack {
    const stack = this.stackInEdgeRegion('Watch', 'edge-alarms', "Alarms of CloudFront's metrics, which are in us-east-1 only");
    stack.addStackDependency(Stack.of(this));
    return stack;
  }

  private edgeTopic(place: Construct, key?: kms.IKey): AlarmTopic {
    if (!key) return new AlarmTopic(place, 'Alarms');
    key.addToResourcePolicy(alarmingService(this));
    const arn = crossRegionValue(place, { producer: key, name: 'Arn', value: key.keyArn });
    return new AlarmTopic(place, 'Alarms', { encryptionKey: kms.Key.fromKeyArn(place, 'LogKey', arn) });
  }

  private stackInEdgeRegion(id: string, purpose: string, description: string): Stack {
    const { account } = Stack.of(this);
    return new Stack(this, id, {
      env: { account: Token.isUnresolved(account) ? undefined : account, region: EDGE_REGION },
      stackName: siblingStackName(this, purpose),
      description,
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

  private makeCertificate(edge: Construct, domain: ProductDomain): acm.ICertificate {
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

/** Lets CloudWatch tell an encrypted topic of this account (CloudWatch user guide, notifying users on alarm changes). */
function alarmingService(scope: Construct): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'AlarmsOfThisAccount',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}
