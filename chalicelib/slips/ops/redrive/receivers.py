"""Which function of the stack gets what the redrive queue holds: the one that the topic of the message calls."""

from __future__ import annotations

from functools import cache

from ...config import Config
from ...dispatch.redrive_messages import UndeliveredRecord
from ..deploy.account_resources import find_function_tags
from ..deploy.queue_settings import queue_event_sources
from ..deploy.subscriptions import list_visible_subscriptions
from ..deploy.tags import OWNER_TAG


class Receivers:
    """The functions of a stack; `queue` is the ARN of its redrive queue, which is in their account and region."""

    def __init__(self, config: Config, queue: str) -> None:
        self._config = config
        _, self._partition, _, self._region, self._account, _ = queue.split(":")
        self._function_of = cache(self._find_function)

    def find(self, record: UndeliveredRecord) -> str:
        """Find the ARN of the function; empty where there is none. Where the topic was renamed, nobody is
        subscribed to it any more, and it is the function of another topic of slips.yml. Raises DeploymentError."""
        topics = [topic.arn for topic in self._config.topics] if record.is_notification else [self._config.dead_letters]
        functions = (self._function_of(topic) for topic in filter(None, (record.topic, *map(self._arn, topics))))
        return next(filter(None, functions), "")

    def _arn(self, topic: str) -> str:
        return (
            topic if topic.startswith("arn:") else f"arn:{self._partition}:sns:{self._region}:{self._account}:{topic}"
        )

    def _find_function(self, topic: str) -> str:
        """Others may be subscribed to the topic, too; functions of the stack have its tag. SNS refuses a look at
        another region's topics."""
        if topic.split(":")[3] != self._region:
            return ""
        for subscription in list_visible_subscriptions(topic, self._account):
            functions = [subscription.endpoint] if subscription.protocol == "lambda" else []
            if subscription.protocol == "sqs":
                functions = [source["FunctionArn"] for source in queue_event_sources(subscription.endpoint)]
            for function in functions:
                tags = find_function_tags(function) or {}
                if tags.get(OWNER_TAG) == self._config.stack_name:
                    return function
        return ""
