/** A way from some permissions to more. */
export interface EscalationMethod {
  /** What somebody does. */
  readonly words: string;
  /** All of these actions are needed. */
  readonly actions: string[];
  /** To which service a role is passed. @default - none is passed */
  readonly passedTo?: string;
}

function alone(words: string, ...actions: string[]): EscalationMethod {
  return { words, actions };
}

function passing(passedTo: string, words: string, ...actions: string[]): EscalationMethod {
  return { words: `pass any role to ${words}`, actions: ['iam:PassRole', ...actions], passedTo };
}

/**
 * Rhino Security Labs, "AWS IAM Privilege Escalation Methods" (28 methods, without the three of CodeStar, which AWS has closed),
 * and the same by services that run code today.
 */
export const ESCALATION_METHODS: EscalationMethod[] = [
  alone('write any policy anew', 'iam:CreatePolicyVersion'),
  alone('go back to an older version of any policy', 'iam:SetDefaultPolicyVersion'),
  alone('make access keys of any user', 'iam:CreateAccessKey'),
  alone('give any user a password', 'iam:CreateLoginProfile'),
  alone('change the password of any user', 'iam:UpdateLoginProfile'),
  alone('attach any policy to any user', 'iam:AttachUserPolicy'),
  alone('attach any policy to any group', 'iam:AttachGroupPolicy'),
  alone('attach any policy to any role', 'iam:AttachRolePolicy'),
  alone('write a policy for any user', 'iam:PutUserPolicy'),
  alone('write a policy for any group', 'iam:PutGroupPolicy'),
  alone('write a policy for any role', 'iam:PutRolePolicy'),
  alone('join any group', 'iam:AddUserToGroup'),
  alone('decide who may become any role', 'iam:UpdateAssumeRolePolicy'),
  alone('become any role that trusts its account', 'sts:AssumeRole'),
  alone('change the code of any function', 'lambda:UpdateFunctionCode'),
  alone('put a layer under any function', 'lambda:UpdateFunctionConfiguration'),
  alone('enter any Glue development endpoint', 'glue:UpdateDevEndpoint'),
  alone('open any notebook', 'sagemaker:CreatePresignedNotebookInstanceUrl'),
  alone('run commands on any server', 'ssm:SendCommand'),
  passing('ec2.amazonaws.com', 'a new server', 'ec2:RunInstances'),
  passing('lambda.amazonaws.com', 'a new function and call it', 'lambda:CreateFunction', 'lambda:InvokeFunction'),
  passing('lambda.amazonaws.com', 'a new function and let others call it', 'lambda:CreateFunction', 'lambda:AddPermission'),
  passing('lambda.amazonaws.com', 'a new function and feed it', 'lambda:CreateFunction', 'lambda:CreateEventSourceMapping'),
  passing('glue.amazonaws.com', 'a new Glue development endpoint', 'glue:CreateDevEndpoint'),
  passing('glue.amazonaws.com', 'a new Glue job', 'glue:CreateJob', 'glue:StartJobRun'),
  passing('cloudformation.amazonaws.com', 'a new stack', 'cloudformation:CreateStack'),
  passing('datapipeline.amazonaws.com', 'a new pipeline', 'datapipeline:CreatePipeline', 'datapipeline:PutPipelineDefinition'),
  passing(
    'sagemaker.amazonaws.com',
    'a new notebook',
    'sagemaker:CreateNotebookInstance',
    'sagemaker:CreatePresignedNotebookInstanceUrl',
  ),
  passing('ecs-tasks.amazonaws.com', 'a new task', 'ecs:RegisterTaskDefinition', 'ecs:RunTask'),
  passing('codebuild.amazonaws.com', 'a new build', 'codebuild:CreateProject', 'codebuild:StartBuild'),
  passing('states.amazonaws.com', 'a new state machine', 'states:CreateStateMachine', 'states:StartExecution'),
];
