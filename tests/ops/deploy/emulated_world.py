"""A deployed project in an emulated account, with what must hold in it at every call of AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatch
from typing import Any

from moto.backends import get_backend

from slips import aws
from slips.ops.deploy.account import current_account
from slips.ops.deploy.deploy import Deployed, plan_deployment
from slips.ops.deploy.handover import SETTLE
from slips.ops.deploy.stage import DeploymentStage

from .conftest import Clock
from .emulated_project import EmulatedProject

ACCOUNT, REGION = "123456789012", "eu-central-1"
OTHERS = ("process_fast", "process_slow", "report", "retry")
"""The functions that every stage has, in addition to those of its topics."""


def backend(service: str) -> Any:
    """The emulator's own state: to look at it is no call of AWS."""
    return get_backend(service)[ACCOUNT]["aws" if service in ("s3", "iam") else REGION]


def arn(service: str, name: str) -> str:
    """The ARN of a resource of the account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def deploy(stage: DeploymentStage, **options: Any) -> Deployed:
    """Do what `slips deploy --yes` does."""
    return plan_deployment(stage, current_account(), **options).execute(lambda line: None)


class World:
    """A project and its bucket. `look` fails where something that is on its way would reach nobody."""

    def __init__(self, project: EmulatedProject, clock: Clock) -> None:
        self.project = project
        self.name = project.name
        self.unread: set[str] = set()
        """ARNs of streams in which something waits."""
        self._clock = clock
        self._heard_until: dict[str, float] = {}
        """By topic: until when S3 may go on notifying it."""

    def write(self, backend: str = "{}", *, mapped: str = "a/", **where: str) -> DeploymentStage:
        """Write slips.yml with this section `backend`, and read its stage."""
        mapping = f"bucket_mapping: {{{self.name}: [{{prefix: {mapped}, format: json}}]}}"
        stack = where.pop("stack", self.name)
        return self.project.write(f"stack_name: {stack}\nbackend: {backend}\n{mapping}\n", **where)

    def arn(self, service: str, name: str) -> str:
        """The ARN of a resource whose name begins with that of the project."""
        return arn(service, f"{self.name}-{name}")

    def notified(self) -> list[str]:
        """The topics and queues that the bucket notifies."""
        configuration = backend("s3").buckets[self.name].notification_configuration
        return [entry.arn for entry in (*configuration.topic, *configuration.queue)] if configuration else []

    def functions(self, stage: str = "dev") -> set[str]:
        """The functions of a stage that exist, by their names in app.py."""
        names = {each.function_name for each in backend("lambda").list_functions()}
        start = f"{self.name}-{stage}-"
        return {name.removeprefix(start) for name in names if name.startswith(start)}

    def listeners(self, receiver: str) -> list[str]:
        """What keeps or hears a message to a topic that exists: functions that exist, and queues that let it send; or
        the queue itself, if it lets S3 send."""
        if ":sqs:" in receiver:
            return [receiver] if _may_send("s3.amazonaws.com", receiver, "") else []
        endpoints = [each.endpoint for each in backend("sns").subscriptions.values() if each.topic.arn == receiver]
        functions = {each.function_arn for each in backend("lambda").list_functions()}
        if receiver not in backend("sns").topics:
            return []
        return [each for each in endpoints if each in functions or _may_send("sns.amazonaws.com", each, receiver)]

    def readers(self, stream: str) -> list[Any]:
        """The event sources of a stream whose functions exist, and may read it."""
        sources = aws.client("lambda").list_event_source_mappings(EventSourceArn=stream)["EventSourceMappings"]
        return [source for source in sources if _is_allowed(source["FunctionArn"], "kinesis:GetRecords", stream)]

    def look(self) -> None:
        """Fail where nobody hears what S3 notifies or may still notify, reads what waits, or gets what fails."""
        topics = self.notified()
        assert topics, "the bucket notifies nobody"
        self._heard_until |= dict.fromkeys(topics, self._clock.seconds + SETTLE)
        for topic, until in self._heard_until.items():
            assert until <= self._clock.seconds or self.listeners(topic), f"nobody hears {topic}"
        for stream in self.unread:
            assert self.readers(stream), f"nobody reads {stream}"
            for source in self.readers(stream):
                failed = source.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
                assert not failed or self.listeners(failed), f"nobody gets what fails in {stream}"
                assert not failed or _is_allowed(source["FunctionArn"], "sns:Publish", failed)


def _may_send(service: str, queue: str, source: str) -> bool:
    """Whether there is such a queue, and its policy lets the service send; for S3, from any bucket."""
    policies = [each.policy for each in backend("sqs").queues.values() if each.queue_arn == queue and each.policy]
    return any(
        statement["Principal"]["Service"] == service and source in json.dumps(statement["Condition"])
        for policy in policies
        for statement in (policy if isinstance(policy, dict) else json.loads(policy))["Statement"]
    )


def _is_allowed(function: str, action: str, resource: str) -> bool:
    """Whether the role of a function that exists may do that."""
    roles = {each.function_arn: each.role for each in backend("lambda").list_functions()}
    if function not in roles:
        return False
    role = next(role for role in backend("iam").roles.values() if role.arn == roles[function])
    statements = [each for policy in role.policies.values() for each in json.loads(policy)["Statement"]]
    return any(
        action in each["Action"] and any(fnmatch(resource, pattern) for pattern in each["Resource"])
        for each in statements
    )


Check = Callable[[World], None]
