"""Fails unless the stack has the new tag now, with the first thing that went wrong."""

import boto3

DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}


def check_update(events, context):
    cloudformation = boto3.client("cloudformation")
    stack_id, key, tag = events["Stack"], events["Parameter"], events["Tag"]
    stack = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
    value = next((one["ParameterValue"] for one in stack["Parameters"] if one["ParameterKey"] == key), None)
    # A rolled back update leaves the old value, and what served before serves on.
    if value == tag and (stack["StackStatus"] in DONE or events["Changed"] == "no"):
        return {"Status": stack["StackStatus"]}
    fault = first_fault(cloudformation, stack_id)
    # Amazon ECS says so in a sentence of its own, which holds the word in any case.
    rang = "An alarm rang during the release, so its traffic went back. " if "alarm" in fault.lower() else ""
    raise RuntimeError(
        f"{key} is {value} and not {tag}: the stack is {stack['StackStatus']}, what served before serves on. {rang}First fault: {fault}"
    )


def first_fault(cloudformation, stack_id):
    fault = "none among the last events"
    # Newest first, as far back as the start of this update.
    for event in cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]:
        of_stack = event["PhysicalResourceId"] == event["StackId"]
        if of_stack and event["ResourceStatus"] == "UPDATE_IN_PROGRESS":
            break
        if event["ResourceStatus"].endswith("_FAILED"):
            fault = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
    return fault
