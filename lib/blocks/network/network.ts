import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';
import { acknowledgeOwnPolicies } from '../operations/own-policies';
import { serviceLog } from '../operations/service-log';
import { resolveAvailabilityZones, ZONES } from './availability-zones';
import { parseVpcCidr } from './cidr';
import { PRIMARY_VPC_CIDR } from './region-facts';

/** A VPC and which of its subnets are for what. */
export interface INetwork {
  /** The VPC. */
  readonly vpc: ec2.IVpc;
  /** Subnets the internet reaches: load balancer, NAT gateways, the single server. */
  readonly publicSubnets: ec2.SubnetSelection;
  /** Subnets with a way out and none in: containers. */
  readonly appSubnets: ec2.SubnetSelection;
  /** Subnets without a way out: everything that holds data. */
  readonly dataSubnets: ec2.SubnetSelection;
}

/** Properties of a Network. */
export interface NetworkProps {
  /**
   * Range of the VPC, a /16 to /18. It can never change.
   * @default 10.0.0.0/16
   */
  readonly cidr?: string;
  /**
   * Two or three zones by name, in an order that can never change; a third may be appended later.
   *
   * In us-east-1 leave out the zone whose *id* is use1-az3 (its name differs per account): Amazon MSK, RDS Proxy and CloudFront
   * VPC origins refuse it (AWS::MSK::Cluster BrokerNodeGroupInfo). Without zones a warning says so.
   * @default - the first three zones of the stack's Region
   */
  readonly availabilityZones?: string[];
  /**
   * NAT gateways, from 0 to the number of zones. With 0 the app subnets are reserved, not created.
   * @default 0
   */
  readonly natGateways?: number;
  /**
   * Key for the flow log, in place at any time; the policy of a key made elsewhere must let CloudWatch Logs in.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * The VPC for the whole ladder: all subnet groups and three zones have their addresses from the first day, so that later stages
 * only add.
 *
 * Measured (docs/adr/0003): with another order, without masks, or without reservation, the next stage replaces subnets.
 *
 * @throws if the range, the zones or the number of NAT gateways do not fit
 */
export class Network extends Construct implements INetwork {
  /** Uses a VPC that exists already. It needs public, private-with-egress and, for data, isolated (else private) subnets. */
  public static fromVpc(vpc: ec2.IVpc): INetwork {
    const data = vpc.isolatedSubnets.length > 0 ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS;
    return {
      vpc,
      publicSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      appSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      dataSubnets: { subnetType: data },
    };
  }

  public readonly vpc: ec2.IVpc;
  public readonly publicSubnets: ec2.SubnetSelection = { subnetGroupName: 'public' };
  public readonly appSubnets: ec2.SubnetSelection = { subnetGroupName: 'app' };
  public readonly dataSubnets: ec2.SubnetSelection = { subnetGroupName: 'data' };
  /** Where rejected connections are recorded. */
  public readonly flowLogGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, props: NetworkProps = {}) {
    super(scope, id);
    const stack = Stack.of(this);
    const cidr = props.cidr ?? PRIMARY_VPC_CIDR;
    if (Token.isUnresolved(cidr)) {
      throw new Error(
        'vpcCidr must be a range known at synthesis, got a token: write it as in 10.0.0.0/16, the subnets are cut from it',
      );
    }
    parseVpcCidr('vpcCidr', cidr);
    const zones = resolveAvailabilityZones(stack.region, props.availabilityZones);
    if (stack.region === 'us-east-1' && !props.availabilityZones) {
      Annotations.of(this).addWarningV2(
        'cdk-scale-tiers:zonesOfUsEast1',
        'Amazon MSK and RDS Proxy refuse the zone whose id is use1-az3, and which name it has differs per account (aws ec2 ' +
          'describe-availability-zones shows it): name three other zones in availabilityZones before the first deploy, they can never change',
      );
    }
    const natGateways = props.natGateways ?? 0;
    if (!Number.isInteger(natGateways) || natGateways < 0 || natGateways > zones.length) {
      throw new Error(`natGateways must be a whole number from 0 to the ${zones.length} zones, got: ${natGateways}`);
    }
    if (Token.isUnresolved(stack.region) || Token.isUnresolved(stack.account)) {
      Annotations.of(this).addWarningV2(
        'cdk-scale-tiers:agnosticEnvironment',
        'the stack has no concrete account and Region; giving it one later replaces every subnet, so give it `env` before the first deploy',
      );
    }

    const vpc = withoutZoneLookup(stack, zones, () => {
      return new ec2.Vpc(this, 'Vpc', {
        ipAddresses: ec2.IpAddresses.cidr(cidr),
        availabilityZones: [...zones],
        reservedAzs: ZONES - zones.length,
        natGateways,
        subnetConfiguration: [
          { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
          { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
          { name: 'app', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20, reserved: natGateways === 0 },
        ],
        gatewayEndpoints: {
          S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
          DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
        },
        // Said outright, so that a feature flag of the user's cannot change it under a running product. The default group has no
        // members here, and closing it takes a Lambda function in every Region.
        restrictDefaultSecurityGroup: false,
      });
    });

    this.vpc = vpc;
    acknowledge(
      vpc,
      ...sameReason(
        'The zones are spelled out on purpose: a subnet can never change its zone, and a list that AWS answers with another order ' +
          'one day would replace every subnet. They are props of this block, not constants of the library.',
        'CloudFormation-Validate::W3010',
        'cfn-lint::W3010',
      ),
    );
    this.flowLogGroup = serviceLog(this, 'FlowLogGroup', { encryptionKey: props.encryptionKey });
    // Only what was rejected: that is what probing looks like, and all traffic would cost more than the first stage's server.
    const flowLog = vpc.addFlowLog('FlowLog', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(this.flowLogGroup),
      trafficType: ec2.FlowLogTrafficType.REJECT,
    });
    acknowledgeOwnPolicies(flowLog);
    acknowledgeLayout(vpc);
  }
}

function acknowledgeLayout(vpc: ec2.Vpc): void {
  acknowledge(
    vpc,
    ...sameReason(
      'The rule guards against resources that nobody gave a security group and that so can reach one another. Every resource of this ' +
        'library names its own groups, so that the default group has no members. CloudFormation cannot take its two rules away: CDK does ' +
        'it with a Lambda function in every Region that may change security groups, a greater risk than an empty group. Close it with ' +
        '`aws ec2 revoke-security-group-ingress`, or by the rule vpc-default-security-group-closed of AWS Config with its remediation.',
      ...inPacks('VPCDefaultSecurityGroupClosed', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
    ),
  );
  for (const subnet of vpc.publicSubnets) {
    acknowledge(
      subnet,
      ...sameReason(
        'The rule guards against private resources that the internet can reach. This is the route of a public subnet, without which no ' +
          'visitor is answered and no NAT gateway leads out; nothing stands in it but the load balancer, NAT gateways and the single ' +
          'server, each with a security group. Containers and data are in subnets without such a route, and no subnet gives out public ' +
          'addresses by itself.',
        ...inPacks('VPCNoUnrestrictedRouteToIGW', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
      ),
    );
  }
}

/**
 * Runs `make` while the stack answers with these zones.
 *
 * In a stack with a concrete environment ec2.Vpc asks the stack for its zones even when it is given some, and the CLI then looks
 * them up, which needs credentials (measured with aws-cdk-lib 2.262.1 and 2.276.0).
 */
function withoutZoneLookup(stack: Stack, zones: string[], make: () => ec2.Vpc): ec2.Vpc {
  const own = Object.getOwnPropertyDescriptor(stack, 'availabilityZones');
  Object.defineProperty(stack, 'availabilityZones', { configurable: true, get: () => zones });
  try {
    return make();
  } finally {
    Reflect.deleteProperty(stack, 'availabilityZones');
    if (own) Object.defineProperty(stack, 'availabilityZones', own);
  }
}
