import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct } from 'constructs';
import type { SearchSize } from './search-size';

/** A search domain, ours or one that exists already. */
export interface ISearchDomain extends IConstruct, ec2.IConnectable {
  /** Name that the service gave it. */
  readonly domainName: string;
  /** ARN of the domain. */
  readonly domainArn: string;
  /** Host name that clients connect to, without `https://`. */
  readonly endpoint: string;
  /** Credentials of the master user, fields `username` and `password`. */
  readonly credentials: secretsmanager.ISecret;
  /** Machines and disks. */
  readonly size: SearchSize;
  /** Zones that it lies in. */
  readonly zones: number;
  /** Nodes that hold data, in all zones. */
  readonly dataNodes: number;
  /** Lets a principal read the master user's credentials. Its security group needs `connections.allowDefaultPortFrom` besides. */
  grantConnect(grantee: iam.IGrantable): iam.Grant;
  /** One of the domain's metrics in the namespace `AWS/ES`, average over 5 minutes. */
  metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

/** What to know about a search domain that exists already. */
export interface SearchDomainAttributes {
  readonly domainName: string;
  readonly domainArn: string;
  /** Host name that clients connect to, without `https://`. */
  readonly endpoint: string;
  readonly securityGroup: ec2.ISecurityGroup;
  /** Secret with the fields `username` and `password` of the master user. */
  readonly credentials: secretsmanager.ISecret;
  readonly size: SearchSize;
  /** Zones that it lies in: 2 or 3. */
  readonly zones: number;
}

/** A search domain that exists already, by `SearchDomain.fromAttributes`. */
export class ExistingSearchDomain extends Construct implements ISearchDomain {
  public readonly domainName: string;
  public readonly domainArn: string;
  public readonly endpoint: string;
  public readonly connections: ec2.Connections;
  public readonly credentials: secretsmanager.ISecret;
  public readonly size: SearchSize;
  public readonly zones: number;
  public readonly dataNodes: number;

  constructor(scope: Construct, id: string, attrs: SearchDomainAttributes) {
    super(scope, id);
    this.domainName = attrs.domainName;
    this.domainArn = attrs.domainArn;
    this.endpoint = attrs.endpoint;
    this.connections = new ec2.Connections({ securityGroups: [attrs.securityGroup], defaultPort: ec2.Port.tcp(443) });
    this.credentials = attrs.credentials;
    this.size = attrs.size;
    this.zones = attrs.zones;
    this.dataNodes = attrs.size.dataNodesPerZone * attrs.zones;
  }

  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return this.credentials.grantRead(grantee);
  }

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return searchMetric(this, this.domainName, metricName, props);
  }
}

/** A metric of a domain (OpenSearch Service developer guide, monitoring with CloudWatch). */
export function searchMetric(
  scope: Construct,
  domainName: string,
  metricName: string,
  props?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  const dimensionsMap = { DomainName: domainName, ClientId: Stack.of(scope).account };
  return new cloudwatch.Metric({ namespace: 'AWS/ES', metricName, dimensionsMap, statistic: 'Average', ...props }).attachTo(
    scope,
  );
}
