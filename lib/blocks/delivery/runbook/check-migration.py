"""Fails unless the migration ended with 0, so that nothing is released on a schema it does not fit."""

import boto3


def check_migration(events, context):
    task = boto3.client("ecs").describe_tasks(cluster=events["Cluster"], tasks=[events["Task"]])["tasks"][0]
    container = next(one for one in task["containers"] if one["name"] == events["Container"])
    # Missing where the container never ran, as with an image that cannot be pulled.
    code = container.get("exitCode")
    if code == 0:
        return {"ExitCode": 0}
    why = container.get("reason") or task.get("stoppedReason") or "no reason given"
    raise RuntimeError(
        f"the migration to {events['Tag']} ended with {'no exit code' if code is None else code} ({why}): "
        f"what served before serves on; its log is in {events['Log']}"
    )
