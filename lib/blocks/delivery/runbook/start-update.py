"""Changes one parameter of stacks, and nothing else: templates and every other parameter stay as they were deployed."""

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
    stacks, key, tag = events["Stacks"], events["Parameter"], events["Tag"]
    # All are asked first, so that nothing starts where one has to wait.
    values = {called: ready(cloudformation, called, stack_id, key, tag) for called, stack_id in stacks.items()}
    changed = [called for called, stack_id in stacks.items() if start(cloudformation, stack_id, values[called], key, tag)]
    # The next step waits for the end of the updates, so it must not take the end of the last ones for it.
    for called in changed:
        for _ in range(60):
            if "IN_PROGRESS" in describe(cloudformation, stacks[called])["StackStatus"]:
                break
            if parameters(describe(cloudformation, stacks[called]))[key] == tag:
                break
            time.sleep(2)
    return {"Changed": ", ".join(changed), "Before": ", ".join(str(one[key]) for one in values.values())}


def ready(cloudformation, called, stack_id, key, tag):
    stack = describe(cloudformation, stack_id)
    if stack["StackStatus"] not in READY:
        raise RuntimeError(
            f"{called} is {stack['StackStatus']}: wait until it has ended, or repair it, then release {tag} again"
        )
    values = parameters(stack)
    if key not in values:
        raise RuntimeError(
            f"{called} has no parameter {key}: deploy it with cdk deploy first, then release {tag} again"
        )
    return values


def start(cloudformation, stack_id, values, key, tag):
    if values[key] == tag:
        return False
    # Without a template, tags, role or stack policy, CloudFormation keeps those of the stack (API reference, UpdateStack).
    try:
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
    except Exception as error:
        # A service that follows the product, which has the tag already.
        if values[key] == "" and "No updates are to be performed" in str(error):
            return False
        raise
    return True


def parameters(stack):
    return {one["ParameterKey"]: one.get("ParameterValue") for one in stack.get("Parameters", [])}


def describe(cloudformation, stack_id):
    return cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
