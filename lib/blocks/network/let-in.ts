import { type CfnElement, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * Lets one thing with a security group connect to the default port of another.
 *
 * Like `target.connections.allowDefaultPortFrom(source)`, but the rules' logical ids hold the other group's logical id instead of
 * its path through the whole app: with the path, a stack that is put under another `Stage` would create each rule a second
 * time before it deletes the first, which EC2 refuses as a duplicate.
 */
export function letIn(target: ec2.IConnectable, source: ec2.IConnectable, description: string): void {
  for (const group of source.connections.securityGroups) {
    target.connections.allowDefaultPortFrom(new GroupPeer(group), description);
  }
  const port = target.connections.defaultPort;
  for (const group of source.connections.securityGroups.filter(({ allowAllOutbound }) => !allowAllOutbound)) {
    for (const other of target.connections.securityGroups) {
      if (port) group.addEgressRule(new GroupPeer(other), port, description);
    }
  }
}

/** A security group named by its logical id. */
class GroupPeer implements ec2.IPeer {
  public readonly canInlineRule = false;
  public readonly connections: ec2.Connections = new ec2.Connections({ peer: this });
  public readonly uniqueId: string;

  constructor(private readonly group: ec2.ISecurityGroup) {
    const resource = group.node.defaultChild as CfnElement | undefined;
    this.uniqueId = resource
      ? String(Stack.of(group).resolve(resource.logicalId))
      : Token.isUnresolved(group.securityGroupId)
        ? group.node.id
        : group.securityGroupId;
  }

  public toIngressRuleConfig(): { sourceSecurityGroupId: string } {
    return { sourceSecurityGroupId: this.group.securityGroupId };
  }

  public toEgressRuleConfig(): { destinationSecurityGroupId: string } {
    return { destinationSecurityGroupId: this.group.securityGroupId };
  }
}
