"""Doubles of the three APIs that rotate-password.py calls, over one file of state and a real PostgreSQL; dies at the call it is told to."""
import json
import os
import subprocess
import sys

FILE = os.environ["DOUBLE_STATE"]
DIE_AT, DIE_WHEN = int(os.environ.get("DIE_AT", "0")), os.environ.get("DIE_WHEN", "before")
CALLS = 0


class ResourceNotFoundException(Exception):
    pass


class Exceptions:
    ResourceNotFoundException = ResourceNotFoundException


def call(method):
    """One API call: reads the state, writes it, and dies before or after it where told to."""

    def made(self, **arguments):
        global CALLS
        CALLS += 1
        if CALLS == DIE_AT and DIE_WHEN == "before":
            os._exit(9)
        with open(FILE) as file:
            state = json.load(file)
        state["calls"].append(method.__name__)
        try:
            return method(self, state, **arguments)
        finally:
            with open(FILE, "w") as file:
                json.dump(state, file)
            if CALLS == DIE_AT:
                os._exit(9)

    return made


class SecretsManager:
    exceptions = Exceptions

    @call
    def describe_secret(self, state, SecretId):
        return {"VersionIdsToStages": {one: version["labels"] for one, version in state["versions"].items()}}

    @call
    def get_secret_value(self, state, SecretId, VersionStage, VersionId=None):
        for one, version in state["versions"].items():
            if VersionStage in version["labels"] and VersionId in (None, one) and version["value"]:
                return {"SecretString": version["value"]}
        raise ResourceNotFoundException(VersionStage)

    @call
    def put_secret_value(self, state, SecretId, ClientRequestToken, SecretString, VersionStages):
        version = state["versions"][ClientRequestToken]
        assert not version["value"], "a version's value never changes"
        version.update(value=SecretString, labels=VersionStages)

    @call
    def update_secret_version_stage(self, state, SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId):
        assert VersionStage in state["versions"][RemoveFromVersionId]["labels"]
        state["versions"][RemoveFromVersionId]["labels"] = ["AWSPREVIOUS"]
        state["versions"][MoveToVersionId]["labels"].append(VersionStage)


class Rds:
    """Takes a password at once and changes it two looks later, as RDS does it without saying when."""

    @call
    def describe_db_clusters(self, state, DBClusterIdentifier):
        assert DBClusterIdentifier == "shop"
        cluster = state["cluster"]
        if cluster["pending"]:
            cluster["looks"] += 1
            if cluster["looks"] > 2:
                sql = f"ALTER ROLE app PASSWORD '{cluster['pending']}'"
                superuser = os.environ["SUPERUSER"].split(" ")
                subprocess.run([*superuser, "-c", sql], check=True, stdout=subprocess.DEVNULL)
                cluster.update(pending=None, looks=0)
        pending = {"MasterUserPassword": "****"} if cluster["pending"] else {}
        return {"DBClusters": [{"Status": cluster["status"], "PendingModifiedValues": pending}]}

    @call
    def modify_db_cluster(self, state, DBClusterIdentifier, MasterUserPassword, ApplyImmediately):
        assert ApplyImmediately and not set(MasterUserPassword) & set("/\"@ '\\")
        state["cluster"].update(pending=MasterUserPassword, looks=0)


class Ecs:
    def get_paginator(self, name):
        assert name == "list_services"
        return self

    @call
    def paginate(self, state, cluster):
        assert cluster == "tasks"
        return [{"serviceArns": [service]} for service in state["services"]]

    @call
    def describe_services(self, state, cluster, services):
        return {"services": [{"deployments": [{}] * state["services"][services[0]]["deployments"]}]}

    @call
    def update_service(self, state, cluster, service, forceNewDeployment):
        assert forceNewDeployment
        if state["services"][service].get("refuses"):
            raise RuntimeError("ThrottlingException")
        state["services"][service]["renewals"] += 1


def client(name):
    return {"secretsmanager": SecretsManager, "rds": Rds, "ecs": Ecs}[name]()


sys.dont_write_bytecode = True
