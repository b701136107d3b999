"""Runs a release runbook against a double of AWS: `runbook-double.py CONTENT SCENARIO`, both JSON; prints what happened as JSON.

Systems Manager is this file, as far as the runbook uses it; CloudFormation and ECS are `World`. The scripts are the runbook's own.
"""

import json
import re
import sys
import time
import types


class Stack:
    """A stack with parameters, whose updates end as the scenario says."""

    def __init__(self, scenario, calls):
        self.scenario = scenario
        self.status = scenario.get("status", "UPDATE_COMPLETE")
        self.values = dict(scenario["parameters"])
        self.before = None
        self.polls = 0
        self.calls = calls
        self.events = []

    def describe_stacks(self, StackName):
        if self.status == "UPDATE_IN_PROGRESS":
            self.polls += 1
            if self.polls > self.scenario.get("polls", 3):
                self.end_update()
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.values.items()]
        return {"Stacks": [{"StackId": StackName, "StackStatus": self.status, "Parameters": parameters}]}

    def end_update(self):
        if self.scenario.get("fails") == self.changing:
            self.values = self.before
            self.event("ProductApplicationService", "UPDATE_FAILED", self.scenario.get("why", "ECS Deployment Circuit Breaker was triggered"))
            self.event("ProductApplicationWorker", "UPDATE_FAILED", "Resource update cancelled")
            self.status = "UPDATE_ROLLBACK_COMPLETE"
        else:
            self.status = "UPDATE_COMPLETE"

    def event(self, logical_id, status, reason=None):
        physical = "stack" if logical_id == "Shop" else logical_id
        one = {"LogicalResourceId": logical_id, "PhysicalResourceId": physical, "StackId": "stack", "ResourceStatus": status}
        self.events.insert(0, {**one, "ResourceStatusReason": reason} if reason else one)

    def describe_stack_events(self, StackName):
        return {"StackEvents": self.events}

    def update_stack(self, StackName, UsePreviousTemplate, Parameters, Capabilities):
        assert UsePreviousTemplate is True
        assert {one["ParameterKey"] for one in Parameters} == set(self.values), "every parameter is named"
        changed = {one["ParameterKey"]: one["ParameterValue"] for one in Parameters if "ParameterValue" in one}
        assert all(one.get("UsePreviousValue") for one in Parameters if one["ParameterKey"] not in changed)
        assert len(changed) == 1, "one parameter changes"
        assert {**self.values, **changed} != self.values, "No updates are to be performed."
        if self.scenario.get("nothing_to_do"):
            raise RuntimeError("An error occurred (ValidationError): No updates are to be performed.")
        self.calls.append({**changed, "service": self.scenario["name"]} if "name" in self.scenario else changed)
        self.changing = next(iter(changed))
        self.before, self.values = self.values, {**self.values, **changed}
        self.status, self.polls = "UPDATE_IN_PROGRESS", 0
        self.event("Shop", "UPDATE_IN_PROGRESS", "User Initiated")


class World:
    """The product's stack and those of its services, a repository, and tasks that end as the scenario says."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.calls = []
        self.tasks = {}
        self.product = Stack(scenario, self.calls)
        self.services = {
            name: Stack({"polls": scenario.get("polls", 3), **one}, self.calls) for name, one in scenario.get("services", {}).items()
        }

    # AWS CloudFormation
    def stack(self, name):
        return self.services.get(name.rsplit("-", 1)[-1], self.product)

    def describe_stacks(self, StackName):
        return self.stack(StackName).describe_stacks(StackName)

    def describe_stack_events(self, StackName):
        return self.stack(StackName).describe_stack_events(StackName)

    def update_stack(self, StackName, **rest):
        return self.stack(StackName).update_stack(StackName, **rest)

    # Amazon ECR
    def describe_images(self, repositoryName, imageIds):
        if imageIds[0]["imageTag"] not in self.scenario["images"]:
            raise RuntimeError("ImageNotFoundException")
        return {"imageDetails": [{"imageDigest": "sha256:1"}]}

    # Amazon ECS
    def run_task(self, cluster, taskDefinition, networkConfiguration, clientToken, count, **rest):
        assert networkConfiguration["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
        assert len(clientToken) <= 64 and count == 1
        self.calls.append({"run_task": taskDefinition, "of": self.product.values.get("ReleaseMigrationTag")})
        if self.scenario.get("no_capacity"):
            return {"tasks": [], "failures": [{"reason": "Capacity is unavailable at this time"}]}
        self.tasks["task"] = 0
        return {"tasks": [{"taskArn": "task"}], "failures": []}

    def describe_tasks(self, cluster, tasks):
        self.tasks[tasks[0]] += 1
        stopped = self.tasks[tasks[0]] > 2
        container = {"name": "app"}
        code = self.scenario.get("exit_code", 0)
        if stopped and code is not None:
            container["exitCode"] = code
        why = {} if code is not None else {"stoppedReason": "CannotPullContainerError"}
        return {"tasks": [{"lastStatus": "STOPPED" if stopped else "RUNNING", "containers": [container], **why}]}


class SystemsManager:
    """What the runbook uses of Automation."""

    def __init__(self, content, world, parameters):
        self.content, self.world, self.trace = content, world, []
        defaults = {name: one.get("default") for name, one in content["parameters"].items()}
        self.values = {**defaults, **parameters, "automation:EXECUTION_ID": "0f1e2d3c-0000-4000-8000-000000000000"}
        for name, one in content["parameters"].items():
            assert re.fullmatch(one.get("allowedPattern", ".*"), self.values[name]), f"{name} does not match its pattern"

    def run(self):
        steps = {step["name"]: step for step in self.content["mainSteps"]}
        assert len(steps) == len(self.content["mainSteps"]), "names of steps are unique"
        order = list(steps)
        name = order[0]
        while name:
            step = steps[name]
            self.trace.append(name)
            jump = getattr(self, step["action"].removeprefix("aws:"))(step, self.fill(step["inputs"]))
            after = order[order.index(name) + 1 :]
            name = jump or (after[0] if after else None)

    def fill(self, value):
        if isinstance(value, dict):
            return {key: one if key == "Script" else self.fill(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.fill(one) for one in value]
        if isinstance(value, str):
            return re.sub(r"\{\{ (.+?) \}\}", lambda found: str(self.values[found.group(1)]), value)
        return value

    def keep(self, step, answer):
        for output in step.get("outputs", []):
            self.values[f"{step['name']}.{output['Name']}"] = select(answer, output["Selector"])

    def executeAwsApi(self, step, inputs):
        self.keep(step, self.call(inputs))

    def waitForAwsResourceProperty(self, step, inputs):
        wanted, selector = inputs.pop("DesiredValues"), inputs.pop("PropertySelector")
        # A look every five seconds, say, until the step is out of time.
        for _ in range(int(step["timeoutSeconds"]) // 5):
            if select(self.call(dict(inputs)), selector) in wanted:
                return
        raise RuntimeError(f"{step['name']} timed out")

    def call(self, inputs):
        service, api = inputs.pop("Service"), inputs.pop("Api")
        assert service in ("ecr", "ecs", "cloudformation")
        return getattr(self.world, re.sub(r"(?<!^)(?=[A-Z])", "_", api).lower())(**inputs)

    def executeScript(self, step, inputs):
        scope = {}
        exec(compile(inputs["Script"], step["name"], "exec"), scope)
        answer = scope[inputs["Handler"]](inputs["InputPayload"], {})
        self.keep(step, {"Payload": json.loads(json.dumps(answer))})

    def branch(self, step, inputs):
        for choice in inputs["Choices"]:
            if choice["Variable"] == choice["StringEquals"]:
                return choice["NextStep"]
        return inputs["Default"]


def select(answer, selector):
    for part in re.findall(r"[A-Za-z]+|\d+", selector):
        answer = answer[int(part)] if part.isdigit() else answer[part]
    return answer


content, scenario = (json.loads(one) for one in sys.argv[1:3])
world = World(scenario)
sys.modules["boto3"] = types.SimpleNamespace(client=lambda service: world)
time.sleep = lambda seconds: None
steps, fault = [], None
try:
    manager = SystemsManager(content, world, scenario["start"])
    steps = manager.trace
    manager.run()
except Exception as error:
    fault = str(error)
print(json.dumps({"steps": steps, "calls": world.calls, "parameters": world.product.values, "status": world.product.status, "services": {name: one.values for name, one in world.services.items()}, "fault": fault}))
