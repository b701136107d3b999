"""Gives a workgroup of Redshift Serverless its usage limit: one that refuses queries, and no other amount than the one given."""
import boto3


def limit(event, _context):
    client = boto3.client("redshift-serverless")
    workgroup, amount = event["Workgroup"], int(event["Amount"])
    found = client.list_usage_limits(resourceArn=workgroup, usageType="serverless-compute")["usageLimits"]
    daily = [one for one in found if one["period"] == "daily" and one["breachAction"] == "deactivate"]
    if not daily:
        made = client.create_usage_limit(
            resourceArn=workgroup, usageType="serverless-compute", period="daily", breachAction="deactivate", amount=amount
        )
        return {"Done": f"made {made['usageLimit']['usageLimitId']}"}
    one = daily[0]
    if one["amount"] == amount:
        return {"Done": f"kept {one['usageLimitId']}"}
    client.update_usage_limit(usageLimitId=one["usageLimitId"], amount=amount, breachAction="deactivate")
    return {"Done": f"changed {one['usageLimitId']} from {one['amount']}"}
