"""Changes one parameter of a stack, and nothing else: template and every other parameter stay as they were deployed."""

import time

import boto3

# What an update may start from (CloudFormation user guide, stack status codes).
READY = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}


def start_update(events, context):
    cloudformation = boto3.client("cloudformation")
    stack_id, key, tag = events["Stack"], events["Parameter"], events["Tag"]
    stack = describe(cloudformation, stack_id)
    if stack["StackStatus"] not in READY:
        raise RuntimeError(
            f"the stack is {stack['StackStatus']}: wait until it has ended, or repair it, then release {tag} again"
        )
    values = {one["ParameterKey"]: one.get("ParameterValue") for one in stack["Parameters"]}
    if key not in values:
        raise RuntimeError(
            f"the stack has no parameter {key}: deploy it with cdk deploy first, then release {tag} again"
        )
    if values[key] == tag:
        return {"Changed": "no", "Before": values[key]}
    # Without a template, tags, role or stack policy, CloudFormation keeps those of the stack (API reference, UpdateStack).
    cloudformation.update_stack(
        StackName=stack_id,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": one, "ParameterValue": tag}
            if one == key
            else {"ParameterKey": one, "UsePreviousValue": True}
            for one in values
        ],
    )
    # The next step waits for the end of the update, so it must not take the end of the last one for it.
    for _ in range(60):
        if "IN_PROGRESS" in describe(cloudformation, stack_id)["StackStatus"]:
            break
        now = {one["ParameterKey"]: one.get("ParameterValue") for one in describe(cloudformation, stack_id)["Parameters"]}
        if now[key] == tag:
            break
        time.sleep(2)
    return {"Changed": "yes", "Before": values[key]}


def describe(cloudformation, stack_id):
    return cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
