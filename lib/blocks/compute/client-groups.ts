import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type { ContainerService } from './container-service';

/** Security groups that a network interface has room for, unless AWS was asked for more (Amazon VPC quotas). */
export const GROUPS_PER_INTERFACE = 5;

/** What each service carries beside its own group. */
const CARRIED = new WeakMap<ContainerService, ec2.ISecurityGroup[]>();

/**
 * Makes the tasks of a service carry a security group that something lets in. One group for everybody who may reach a thing costs it
 * one of its 60 rules, a rule for each service would end at the sixtieth (Amazon VPC quotas, inbound rules per security group).
 *
 * On the L1 and in place: an ECS service changes its groups without being replaced.
 * @throws if the tasks would carry more than five groups
 */
export function carry(service: ContainerService, group: ec2.ISecurityGroup): void {
  const carried = CARRIED.get(service) ?? [];
  if (carried.includes(group)) return;
  carried.push(group);
  CARRIED.set(service, carried);
  const all = [...service.connections.securityGroups, ...carried];
  if (all.length > GROUPS_PER_INTERFACE) {
    throw new Error(
      `tasks of '${service.node.path}' would carry ${all.length} security groups, at most ${GROUPS_PER_INTERFACE} fit a network interface: let the service reach less (what needs everything is no service of its own yet)`,
    );
  }
  const resource = service.service.node.defaultChild as ecs.CfnService;
  resource.addPropertyOverride(
    'NetworkConfiguration.AwsvpcConfiguration.SecurityGroups',
    all.map(({ securityGroupId }) => securityGroupId),
  );
}
