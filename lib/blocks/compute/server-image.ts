import { CfnDynamicReference, CfnDynamicReferenceService } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

/** Newest Debian 12 for Arm, published by Debian (Debian wiki, "Cloud/AmazonEC2Image"). */
export const DEBIAN = '/aws/service/debian/release/12/latest/arm64';

/**
 * The image of the server's system, pinned: a parameter that CloudFormation fills once with the newest Debian 12, and that a machine
 * reads when it starts.
 *
 * CloudFormation looks at a dynamic reference again only when it updates the resource that holds it, and this one's text never changes
 * (CloudFormation user guide, dynamic references; its roadmap, issue 844). Should it look again all the same, the parameter holds a
 * newer image for the next machine, and the running one stays.
 */
export class ServerImage extends Construct {
  /** The parameter with the image's id. */
  public readonly parameter: ssm.CfnParameter;
  /** The image as a launch template names it. */
  public readonly machineImage: ec2.IMachineImage;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.parameter = new ssm.CfnParameter(this, 'Parameter', {
      type: 'String',
      description: 'Image of which the server starts; the runbook RollImage writes another',
      value: new CfnDynamicReference(CfnDynamicReferenceService.SSM, DEBIAN).toString(),
    });
    // Auto Scaling reads a parameter of the account itself (EC2 Auto Scaling user guide, Systems Manager parameters in launch templates).
    this.machineImage = ec2.MachineImage.resolveSsmParameterAtLaunch(this.parameter.ref);
  }
}
