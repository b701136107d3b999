"""Starts the migration of the new image, with its environment, beside the version that serves."""

import boto3


def start_migration(events, context):
    ecs = boto3.client("ecs")
    answer = ecs.run_task(
        cluster=events["Cluster"],
        # The family: its newest revision, which the step before has made.
        taskDefinition=events["Family"],
        capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}],
        count=1,
        enableExecuteCommand=False,
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": events["Subnets"],
                "securityGroups": events["SecurityGroups"],
                "assignPublicIp": "DISABLED",
            }
        },
        # Once for each release, also if this step is run again.
        clientToken=events["Execution"],
        startedBy=f"release/{events['Execution']}",
    )
    if not answer["tasks"]:
        reasons = ", ".join(one.get("reason", "no reason given") for one in answer["failures"])
        raise RuntimeError(f"ECS started no migration ({reasons}): what served before serves on")
    return {"Task": answer["tasks"][0]["taskArn"]}
