"""Runs Cloudsplaining and Parliament over every IAM policy of CloudFormation templates and writes SARIF 2.1.0.

    python iam_policies.py TEMPLATE.json ... --cloudsplaining OUT.sarif --parliament OUT.sarif

Both tools read plain policies: a value that only CloudFormation knows becomes a name that stands for one resource, so that
neither takes it for a wildcard.
"""

import argparse
import json
import re
from importlib.metadata import version
from pathlib import Path

from cloudsplaining.scan.policy_document import PolicyDocument
from parliament import analyze_policy_string, enhance_finding

# What Cloudsplaining's report calls its risks: rule id, member of PolicyDocument, severity.
RISKS = [
    ("PrivilegeEscalation", "allows_privilege_escalation", "error"),
    ("ResourceExposure", "permissions_management_without_constraints", "error"),
    ("CredentialsExposure", "credentials_exposure", "error"),
    ("DataExfiltration", "allows_data_exfiltration_actions", "error"),
    ("InfrastructureModification", "infrastructure_modification", "warning"),
    ("ServiceWildcard", "service_wildcard", "error"),
    ("NotAction", "contains_statement_using_not_action", "error"),
]

LEVELS = {"CRITICAL": "error", "HIGH": "error", "MEDIUM": "warning", "LOW": "warning", "MUTED": "note", "INFO": "note"}

PSEUDO = {"AWS::Partition": "aws", "AWS::AccountId": "123456789012", "AWS::Region": "us-east-1", "AWS::URLSuffix": "amazonaws.com"}

# What the ARN of a resource looks like, for the types that policies of CDK apps name.
ARNS = {
    "AWS::Backup::BackupVault": "backup:us-east-1:123456789012:backup-vault:{}",
    "AWS::CloudWatch::Alarm": "cloudwatch:us-east-1:123456789012:alarm:{}",
    "AWS::DynamoDB::GlobalTable": "dynamodb:us-east-1:123456789012:table/{}",
    "AWS::DynamoDB::Table": "dynamodb:us-east-1:123456789012:table/{}",
    "AWS::EC2::Volume": "ec2:us-east-1:123456789012:volume/{}",
    "AWS::ECR::Repository": "ecr:us-east-1:123456789012:repository/{}",
    "AWS::ECS::Cluster": "ecs:us-east-1:123456789012:cluster/{}",
    "AWS::ElasticLoadBalancingV2::Listener": "elasticloadbalancing:us-east-1:123456789012:listener/app/balancer/0123456789abcdef/{}",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "elasticloadbalancing:us-east-1:123456789012:listener-rule/app/balancer/0123456789abcdef/0123456789abcdef/{}",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "elasticloadbalancing:us-east-1:123456789012:targetgroup/{}/0123456789abcdef",
    "AWS::Cognito::UserPool": "cognito-idp:us-east-1:123456789012:userpool/us-east-1_{}",
    "AWS::Events::EventBus": "events:us-east-1:123456789012:event-bus/{}",
    "AWS::IAM::Role": "iam::123456789012:role/{}",
    "AWS::KMS::Key": "kms:us-east-1:123456789012:key/{}",
    "AWS::KMS::ReplicaKey": "kms:us-east-1:123456789012:key/{}",
    "AWS::Lambda::Function": "lambda:us-east-1:123456789012:function:{}",
    "AWS::Logs::LogGroup": "logs:us-east-1:123456789012:log-group:{}:*",
    "AWS::MSK::Cluster": "kafka:us-east-1:123456789012:cluster/{}/01234567-89ab-cdef-0123-456789abcdef-1",
    "AWS::OpenSearchService::Domain": "es:us-east-1:123456789012:domain/{}",
    "AWS::S3::Bucket": "s3:::{}",
    "AWS::ECS::Service": "ecs:us-east-1:123456789012:service/cluster/{}",
    "AWS::SNS::Topic": "sns:us-east-1:123456789012:{}",
    "AWS::SQS::Queue": "sqs:us-east-1:123456789012:{}",
    "AWS::SecretsManager::Secret": "secretsmanager:us-east-1:123456789012:secret:{}-abcdef",
    "AWS::SecretsManager::SecretTargetAttachment": "secretsmanager:us-east-1:123456789012:secret:{}-abcdef",
}

# Types whose `Ref` is their ARN.
REF_IS_ARN = {
    "AWS::ECS::Service",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::SecretsManager::SecretTargetAttachment",
}

# Stands where only a deploy knows the value: what a tool says of such a resource is no finding.
UNKNOWN = "only-a-deploy-knows"
ANY_ARN = f"arn:aws:s3:::{UNKNOWN}"


class Plain:
    """Turns CloudFormation values into text that stands for one resource."""

    def __init__(self, template):
        self.types = {name: resource.get("Type", "") for name, resource in template.get("Resources", {}).items()}

    def of(self, value):
        if isinstance(value, list):
            return [self.of(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            key, argument = next(iter(value.items()))
            if key == "Ref" or key.startswith("Fn::"):
                return self.intrinsic(key, argument)
        return {key: self.of(item) for key, item in value.items()}

    def intrinsic(self, key, argument):
        if key == "Ref":
            return self.reference(argument)
        if key == "Fn::GetAtt":
            owner, *attribute = argument if isinstance(argument, list) else argument.split(".")
            return self.attribute(owner, ".".join(attribute))
        if key == "Fn::Join" and isinstance(argument[1], list):
            return argument[0].join(str(self.of(part)) for part in argument[1])
        if key == "Fn::Sub":
            text, variables = argument if isinstance(argument, list) else (argument, {})
            return re.sub(r"\$\{([^}!]+)\}", lambda match: str(self.substituted(match[1], variables)), text)
        return UNKNOWN

    def substituted(self, name, variables):
        if name in variables:
            return self.of(variables[name])
        owner, *attribute = name.split(".")
        return self.attribute(owner, ".".join(attribute)) if attribute else self.reference(name)

    def reference(self, name):
        if self.types.get(name) in REF_IS_ARN:
            return self.arn(name)
        return PSEUDO.get(name, name if name in self.types else UNKNOWN)

    def attribute(self, owner, attribute):
        return self.arn(owner) if attribute.endswith("Arn") else owner

    def arn(self, owner):
        shape = ARNS.get(self.types.get(owner, ""))
        return UNKNOWN if shape is None else "arn:aws:" + shape.format(owner)


def statements(document):
    found = document.get("Statement", [])
    return found if isinstance(found, list) else [found]


def policies(template):
    """Every identity policy of a template: logical id, where it stands, document."""
    for logical_id, resource in template.get("Resources", {}).items():
        properties = resource.get("Properties", {})
        kind = resource["Type"]
        if kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy"):
            yield logical_id, "PolicyDocument", properties.get("PolicyDocument", {})
        if kind in ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"):
            for index, policy in enumerate(properties.get("Policies", [])):
                yield logical_id, f"Policies.{index}.PolicyDocument", policy.get("PolicyDocument", {})


def cloudsplaining(document):
    judged = PolicyDocument(document)
    for rule, member, level in RISKS:
        found = getattr(judged, member)
        if not found:
            continue
        names = [item.get("type", json.dumps(item)) if isinstance(item, dict) else item for item in found]
        yield rule, level, ", ".join(sorted(map(str, names)))


def parliament(document):
    for statement in statements(document):
        alone = as_policy(document, statement)
        for found in analyze_policy_string(alone, ignore_private_auditors=True).findings:
            known = enhance_finding(found)
            if known.issue in ("RESOURCE_MISMATCH", "INVALID_ARN") and UNKNOWN in alone:
                continue
            yield known.issue, LEVELS.get(known.severity, "warning"), f"{known.title.strip()}: {detail(known)}"
        if UNKNOWN in alone:
            yield from of_everything_only(document, statement)


def of_everything_only(document, statement):
    """Actions that know no resource but `*` are wrong with whatever a deploy puts there."""
    given = statement.get("Resource", [])
    # Parliament compares no actions where one resource is no ARN.
    given = [ANY_ARN if UNKNOWN in str(one) else one for one in (given if isinstance(given, list) else [given])]
    policy = as_policy(document, {**statement, "Resource": given})
    for found in analyze_policy_string(policy, ignore_private_auditors=True).findings:
        if found.issue == "RESOURCE_MISMATCH":
            found.detail = [one for one in found.detail if one["required_format"] == "*"]
            if found.detail:
                known = enhance_finding(found)
                yield known.issue, LEVELS.get(known.severity, "warning"), f"{known.title.strip()}: {detail(known)}"


def as_policy(document, statement):
    return json.dumps({"Version": document.get("Version", "2012-10-17"), "Statement": [statement]})


def detail(found):
    parts = [found.detail if isinstance(found.detail, str) else json.dumps(found.detail, default=str)]
    parts += [f"{key} {value}" for key, value in (found.location or {}).items() if key in ("actions", "resource", "string")]
    return "; ".join(part for part in parts if part and part != '""')


def line_of(lines, logical_id):
    wanted = re.compile(r'^\s*"' + re.escape(logical_id) + r'":\s*\{')
    return next((number for number, text in enumerate(lines, 1) if wanted.match(text)), 1)


def results(files, judge):
    for file in files:
        text = Path(file).read_text(encoding="utf-8")
        lines = text.splitlines()
        template = json.loads(text)
        plain = Plain(template)
        for logical_id, path, document in policies(template):
            for rule, level, message in judge(plain.of(document)):
                yield {
                    "ruleId": rule,
                    "level": level,
                    "message": {"text": f"{path}: {message}"},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": Path(file).resolve().as_uri()},
                                "region": {"startLine": line_of(lines, logical_id)},
                            }
                        }
                    ],
                }


def write(out, name, package, rules, found):
    driver = {"name": name, "version": version(package), "rules": [{"id": rule} for rule in rules]}
    log = {
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{"tool": {"driver": driver}, "results": list(found)}],
    }
    Path(out).write_text(json.dumps(log, indent=1), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("templates", nargs="+")
    parser.add_argument("--cloudsplaining", required=True)
    parser.add_argument("--parliament", required=True)
    given = parser.parse_args()
    write(given.cloudsplaining, "Cloudsplaining", "cloudsplaining", [rule for rule, _, _ in RISKS], results(given.templates, cloudsplaining))
    write(given.parliament, "Parliament", "parliament", [], results(given.templates, parliament))


if __name__ == "__main__":
    main()
