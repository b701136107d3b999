import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../operations/acknowledge';
import { EventNotice } from '../operations/event-notice';
import { automation } from '../operations/runbook';

const PROGRAM = readFileSync(join(__dirname, 'warehouse-usage-limit.py'), 'utf8');

/** Properties of a WarehouseUsageLimit. */
export interface WarehouseUsageLimitProps {
  /** ARN of the workgroup. */
  readonly workgroupArn: string;
  /** RPU hours a day, a whole number of at least 1. */
  readonly rpuHoursADay: number;
  /**
   * Who is told when the limit could not be set. The policy of a topic made elsewhere must let events in.
   * @default - nobody: Systems Manager shows it at the association
   */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Bounds the bill of a warehouse: when the RPU hours of a day are used up, it refuses queries until the next day, UTC (clients read
 * "Query reached usage limit"; raising the limit lets them in again).
 *
 * CloudFormation has no resource for it on Redshift Serverless (`AWS::Redshift::UsageLimit` is for provisioned clusters), so a runbook
 * sets it by Redshift's API: when this is deployed, each day, and whenever somebody starts it. The limit stays when this goes. Not
 * verified against AWS.
 *
 * @throws if the limit is out of range
 */
export class WarehouseUsageLimit extends Construct {
  public readonly document: ssm.CfnDocument;
  public readonly association: ssm.CfnAssociation;
  public readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: WarehouseUsageLimitProps) {
    super(scope, id);
    const { workgroupArn, rpuHoursADay } = props;
    if (!Number.isInteger(rpuHoursADay) || rpuHoursADay < 1) {
      throw new Error(`rpuHoursADay must be a whole number of at least 1, got: ${rpuHoursADay}`);
    }
    this.role = new iam.Role(this, 'Role', {
      description: 'Sets the usage limit of the warehouse',
      assumedBy: new iam.ServicePrincipal('ssm.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'Sets usage limits of Redshift Serverless',
      roles: [this.role],
      statements: [
        new iam.PolicyStatement({
          actions: [
            'redshift-serverless:ListUsageLimits',
            'redshift-serverless:CreateUsageLimit',
            'redshift-serverless:UpdateUsageLimit',
          ],
          // They know no other resource (Service Authorization Reference, Redshift Serverless).
          resources: ['*'],
        }),
      ],
    });
    acknowledgeWildcards(
      policy,
      'Redshift Serverless lets nobody allow these calls on less than everything. Limits bound what is spent, and the role can list, make ' +
        'and change them, not delete one; the runbook that uses it gives the ARN of one workgroup.',
      '*',
    );
    this.document = automation(this, 'Document', {
      description: '# Limit the warehouse\nRefuses queries to the warehouse when so many RPU hours of a day are used up.',
      assumeRole: '{{ AutomationAssumeRole }}',
      parameters: {
        AutomationAssumeRole: { type: 'AWS::IAM::Role::Arn', default: this.role.roleArn },
        RpuHoursADay: { type: 'String', default: String(rpuHoursADay), allowedPattern: '^[1-9][0-9]{0,6}$' },
      },
      mainSteps: [
        {
          name: 'limit',
          action: 'aws:executeScript',
          inputs: {
            Runtime: 'python3.11',
            Handler: 'limit',
            Script: PROGRAM,
            InputPayload: { Workgroup: workgroupArn, Amount: '{{ RpuHoursADay }}' },
          },
          outputs: [{ Name: 'Done', Selector: '$.Payload.Done', Type: 'String' }],
          isEnd: true,
        },
      ],
      outputs: ['limit.Done'],
    });
    // Runs at once, and with every change (Systems Manager user guide, State Manager).
    this.association = new ssm.CfnAssociation(this, 'Association', {
      name: this.document.ref,
      parameters: { AutomationAssumeRole: [this.role.roleArn], RpuHoursADay: [String(rpuHoursADay)] },
      scheduleExpression: 'rate(1 day)',
    });
    this.association.node.addDependency(policy);
    if (props.alarmTopic) this.tell(props.alarmTopic);
  }

  /** A deploy does not wait for the runbook, nor fails with it. */
  private tell(topic: sns.ITopic): void {
    new EventNotice(this, 'Unset', {
      description: 'The limit of what the warehouse may compute a day could not be set',
      eventPattern: {
        source: ['aws.ssm'],
        // Systems Manager user guide, EventBridge event examples.
        detailType: ['EC2 State Manager Association State Change'],
        detail: { 'association-id': [this.association.attrAssociationId], status: ['Failed', 'TimedOut'] },
      },
      topic,
    });
  }
}
