"""Fails unless the stacks have the new tag now, with the first thing that went wrong in each."""

import boto3

DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}


def check_update(events, context):
    cloudformation = boto3.client("cloudformation")
    changed = events["Changed"].split(", ")
    faults = []
    for called, stack_id in events["Stacks"].items():
        stack = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
        fault = fault_of(cloudformation, stack, called, events, called in changed)
        if fault:
            faults.append(fault)
    if faults:
        raise RuntimeError("; ".join(faults))
    return {"Status": "released"}


def fault_of(cloudformation, stack, called, events, changed):
    key, tag = events["Parameter"], events["Tag"]
    value = next((one["ParameterValue"] for one in stack["Parameters"] if one["ParameterKey"] == key), None)
    # Empty: a service that follows the product, and had nothing to change.
    if (value == tag and stack["StackStatus"] in DONE) if changed else value in (tag, ""):
        return None
    fault = first_fault(cloudformation, stack["StackId"])
    # A rolled back update leaves the old value, and what served before serves on.
    # Amazon ECS says so in a sentence of its own, which holds the word in any case.
    rang = "An alarm rang during the release, so its traffic went back. " if "alarm" in fault.lower() else ""
    return (
        f"{key} is {value or 'that of the product'} and not {tag}: {called} is {stack['StackStatus']}, "
        f"what served before serves on. {rang}First fault: {fault}"
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
