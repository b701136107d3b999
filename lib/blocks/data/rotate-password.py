"""Gives the database a new password, then the tasks, which read it when they start."""
import json
import os
import secrets
import time

import boto3

MANAGER = boto3.client("secretsmanager")
RDS = boto3.client("rds")
ECS = boto3.client("ecs")
DATABASE = os.environ["DATABASE_CLUSTER"]
SERVICES = json.loads(os.environ["SERVICES"])  # [[cluster, service]]
CLUSTER = os.environ.get("CLUSTER")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"
PAUSE = float(os.environ.get("PAUSE", "10"))
TRIES = 60


def handler(event, _context):
    secret, version, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    stages = MANAGER.describe_secret(SecretId=secret)["VersionIdsToStages"]
    current = next(one for one, labels in stages.items() if "AWSCURRENT" in labels)
    if version not in stages:
        raise ValueError(f"version {version} is none of the secret's")
    if step == "createSecret" and version != current:
        create(secret, version)
    elif step == "setSecret" and version != current:
        settle(secret, version)
    elif step == "testSecret":
        applied()
    elif step == "finishSecret":
        if version != current:
            MANAGER.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=current
            )
        renew()


def create(secret, version):
    """A password for this rotation, once: a second try finds the first one's."""
    try:
        MANAGER.get_secret_value(SecretId=secret, VersionId=version, VersionStage="AWSPENDING")
    except MANAGER.exceptions.ResourceNotFoundException:
        value = json.loads(MANAGER.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")["SecretString"])
        value["password"] = "".join(secrets.choice(LETTERS) for _ in range(40))
        MANAGER.put_secret_value(
            SecretId=secret, ClientRequestToken=version, SecretString=json.dumps(value), VersionStages=["AWSPENDING"]
        )


def settle(secret, version):
    """Not while a deploy is under way: tasks that start in between would fail, and with them the deploy."""
    for cluster, service in SERVICES:
        found = ECS.describe_services(cluster=cluster, services=[service])["services"]
        if found and len(found[0]["deployments"]) > 1:
            raise RuntimeError(f"{service} is being deployed: rotate again when that is done")
    status = RDS.describe_db_clusters(DBClusterIdentifier=DATABASE)["DBClusters"][0]["Status"]
    if status != "available":
        raise RuntimeError(f"the database is {status}: rotate again when it is available")
    value = MANAGER.get_secret_value(SecretId=secret, VersionId=version, VersionStage="AWSPENDING")["SecretString"]
    RDS.modify_db_cluster(
        DBClusterIdentifier=DATABASE, MasterUserPassword=json.loads(value)["password"], ApplyImmediately=True
    )


def applied():
    """RDS changes a password without saying when: three looks in a row that show nothing pending."""
    calm = 0
    for _ in range(TRIES):
        cluster = RDS.describe_db_clusters(DBClusterIdentifier=DATABASE)["DBClusters"][0]
        pending = cluster.get("PendingModifiedValues") or {}
        calm = calm + 1 if cluster["Status"] == "available" and "MasterUserPassword" not in pending else 0
        if calm == 3:
            return
        time.sleep(PAUSE)
    raise RuntimeError("the database did not take the new password in time")


def renew():
    """Every service, even if one refuses; then say which did."""
    pages = ECS.get_paginator("list_services").paginate(cluster=CLUSTER) if CLUSTER else []
    found = [[CLUSTER, s] for page in pages for s in page["serviceArns"]]
    refused = []
    for cluster, service in found or SERVICES:
        try:
            ECS.update_service(cluster=cluster, service=service, forceNewDeployment=True)
        except Exception as error:  # told at the end
            refused.append(f"{service}: {error}")
    if refused:
        raise RuntimeError("tasks that still have the old password: " + "; ".join(refused))
