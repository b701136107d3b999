"""A consumer as IdempotencyTable tells it, for the rehearsal."""
import time

import boto3

DYNAMODB = boto3.client("dynamodb")
FREE = "attribute_not_exists(id) OR expiration < :now OR (#s = :taken AND in_progress_expiration < :ms)"


def take(key, seconds, now=None, remember=3600):
    """Its ticket, or what another has made of the message."""
    now = now or time.time()
    until = str(int((now + seconds) * 1000))
    try:
        DYNAMODB.put_item(
            TableName="handled",
            Item={"id": {"S": key}, "status": {"S": "INPROGRESS"}, "in_progress_expiration": {"N": until}, "expiration": {"N": str(int(now + remember))}},
            ConditionExpression=FREE,
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":now": {"N": str(int(now))}, ":ms": {"N": str(int(now * 1000))}, ":taken": {"S": "INPROGRESS"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return until
    except DYNAMODB.exceptions.ConditionalCheckFailedException as error:
        return error.response["Item"]["status"]["S"]


def complete(key, ticket, now=None, remember=60 * 86400):
    """Whether it was still this try's to complete."""
    return mine(
        DYNAMODB.update_item,
        key,
        ticket,
        UpdateExpression="SET #s = :done, expiration = :later",
        ExpressionAttributeNames={"#s": "status"},
        values={":done": {"S": "COMPLETED"}, ":later": {"N": str(int((now or time.time()) + remember))}},
    )


def release(key, ticket):
    return mine(DYNAMODB.delete_item, key, ticket, values={})


def mine(call, key, ticket, values, **more):
    try:
        call(
            TableName="handled",
            Key={"id": {"S": key}},
            ConditionExpression="in_progress_expiration = :ticket",
            ExpressionAttributeValues={":ticket": {"N": ticket}, **values},
            **more,
        )
        return True
    except DYNAMODB.exceptions.ConditionalCheckFailedException:
        return False
