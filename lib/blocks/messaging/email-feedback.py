"""Keeps addresses that bounced or complained from being written to again."""
import hashlib
import json
import os
import time
from email.utils import parseaddr

import boto3
from botocore.config import Config

LIMITS = Config(connect_timeout=1, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 3})
SES = boto3.client("sesv2", config=LIMITS)
TABLE = os.environ["TABLE"]
DYNAMODB = boto3.client("dynamodb", config=LIMITS)
# Three calls, each tried as often as the limits allow, end within this time.
RESERVE = int(os.environ.get("RESERVE", "55000"))
# Longer than a message can wait, first in the queue and then among the dead letters.
REMEMBERED = 60 * 86400
# What Amazon SES sends by itself when it gets to know the topic.
GREETING = "Successfully validated SNS topic for Amazon SES event publishing."


def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            if record["body"].strip() != GREETING:
                handle(json.loads(record["body"]), context)
        except Exception as error:  # the others of the batch go on; no addresses in the log
            code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
            print(json.dumps({"failed": record["messageId"], "error": type(error).__name__, "code": code}))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def handle(feedback, context):
    kind, message = feedback["eventType"], feedback["mail"]["messageId"]
    if kind == "Bounce":
        told, people = feedback["bounce"], feedback["bounce"]["bouncedRecipients"]
        reason = "BOUNCE" if told["bounceType"] == "Permanent" else None
    elif kind == "Complaint":
        told, people = feedback["complaint"], feedback["complaint"]["complainedRecipients"]
        if told.get("complaintFeedbackType") == "not-spam":
            return
        reason = "COMPLAINT"
    else:
        raise ValueError("neither bounce nor complaint")
    subtype = told.get("bounceSubType") or told.get("complaintSubType")
    for address in [parseaddr(one["emailAddress"])[1].lower() for one in people]:
        if "@" not in address:
            raise ValueError("no address")
        if context.get_remaining_time_in_millis() < RESERVE:
            raise TimeoutError("the next try goes on")
        note(address, message, reason, subtype == "OnAccountSuppressionList")


def note(address, message, reason, suppressed):
    """Suppresses first, then writes the mark and what follows from it at once: a crash in between repeats what may be repeated."""
    person = {"S": "email#" + hashlib.sha256(address.encode()).hexdigest()}
    mark = {"pk": person, "sk": {"S": f"feedback#{message}#{reason or 'SOFT'}"}}
    if "Item" in DYNAMODB.get_item(TableName=TABLE, Key=mark, ConsistentRead=True):
        return  # once more would undo what people took back since
    if reason and not suppressed:
        SES.put_suppressed_destination(EmailAddress=address, Reason=reason)
    now = int(time.time())
    later = {"N": str(now + REMEMBERED)}
    change = {
        "TableName": TABLE,
        "Key": {"pk": person, "sk": {"S": "suppressed" if reason else "soft-bounces"}},
        "UpdateExpression": "SET lastAt = :now, lastMessage = :message" + (", reason = :more" if reason else ", expiresAt = :later ADD bounces :more"),
        "ExpressionAttributeValues": {":now": {"N": str(now)}, ":message": {"S": message}, ":more": {"S": reason} if reason else {"N": "1"}},
    }
    if not reason:
        change["ExpressionAttributeValues"][":later"] = later
    marked = {"TableName": TABLE, "Item": {**mark, "expiresAt": later}, "ConditionExpression": "attribute_not_exists(pk)"}
    try:
        DYNAMODB.transact_write_items(TransactItems=[{"Put": marked}, {"Update": change}])
    except DYNAMODB.exceptions.TransactionCanceledException as error:
        if error.response["CancellationReasons"][0]["Code"] != "ConditionalCheckFailed":
            raise  # else another was faster
