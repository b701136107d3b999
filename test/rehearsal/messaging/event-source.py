"""Stands for the event source mapping of AWS Lambda: takes batches from a real queue until there is nothing left, and hands them to the handler."""
import json
import os
import sys
import time

import boto3

import index

SQS = boto3.client("sqs")
QUEUE = os.environ["QUEUE"]


class Context:
    def __init__(self, seconds):
        self.end = time.time() + seconds

    def get_remaining_time_in_millis(self):
        return int((self.end - time.time()) * 1000)


def poll():
    got = SQS.receive_message(QueueUrl=QUEUE, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])
    if not got:
        return False
    records = [{"messageId": one["MessageId"], "body": one["Body"]} for one in got]
    response = index.handler({"Records": records}, Context(float(os.environ.get("SECONDS", "120"))))
    failed = {one["itemIdentifier"] for one in json.loads(json.dumps(response))["batchItemFailures"]}
    assert failed <= {one["MessageId"] for one in got}
    for one in got:
        if one["MessageId"] in failed:
            SQS.change_message_visibility(QueueUrl=QUEUE, ReceiptHandle=one["ReceiptHandle"], VisibilityTimeout=0)
        else:
            SQS.delete_message(QueueUrl=QUEUE, ReceiptHandle=one["ReceiptHandle"])
    return True


batches = 0
while batches < int(os.environ.get("BATCHES", "1000")) and poll():
    batches += 1
print(json.dumps({"batches": batches}), file=sys.stderr)
