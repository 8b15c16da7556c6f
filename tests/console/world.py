"""A deployment on this machine with its console: the embedded AWS, an app, and the API."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from chalice import Chalice

from slips import Slips, aws
from slips.model import Failure
from slips.ops.run.embedded import Account, EmbeddedAws, LambdaEmulator
from slips.ops.run.serve import ApiServer

SECONDS = 40.0
TOKEN = "correct-horse"
CONFIG = """
stack_name: {name}
backend: {{lane: {{fast: {{shards: 1}}, slow: {{shards: 1}}}}}}
routing: [{{prefix: slow/, dest: slow}}, {{dest: fast}}]
bucket_mapping:
  {name}-logs:
    - {{prefix: logs/, format: json}}
    - {{prefix: slow/, format: syslog}}
api: {{auth: {auth}}}
"""


class World:
    """A running deployment. While `broken`, the function `watch` fails on events with the key `bad`."""

    def __init__(self, embedded: EmbeddedAws, path: Path, name: str) -> None:
        path.write_text(CONFIG.format(name=name, auth="none"))
        self._path = path
        self.broken = True
        self.bucket = f"{name}-logs"
        self.embedded = embedded
        self.app = Chalice(app_name=name)
        self.slips = Slips(self.app, path)
        self.events = 0
        self._register()
        Account(self.slips.config, embedded.place).create([self.bucket])
        self.player = LambdaEmulator(
            self.app, self.slips.config, embedded.place, self.app.handler_map.__getitem__, lambda *_: None
        )
        self.api = ApiServer(lambda: self.app, 0)

    def _register(self) -> None:
        slips, app = self.slips, self.app

        @slips.on_format("json")
        def watch(meta: Any, event: Any) -> None:
            self.events += 1
            if self.broken and "bad" in event:
                raise ValueError(event["bad"])

        @slips.on_format("syslog")
        def lines(meta: Any, event: Any) -> None:
            self.events += 1

        for topic in slips.topics:
            app.on_sns_message(topic=topic.arn, name=topic.name)(slips.dispatch)
        for lane, process in ((slips.fast, slips.process_fast), (slips.slow, slips.process_slow)):
            app.on_kinesis_record(stream=lane.stream, batch_size=lane.batch_size, name=f"process_{lane.name}")(process)
        app.on_sns_message(topic=slips.dead_letters, name="report")(slips.report)
        app.register_blueprint(slips.api)

    @property
    def url(self) -> str:
        return f"{self.api.url}/"

    def upload(self, key: str, content: str | bytes) -> None:
        """Put an object into S3, which is then processed as in AWS."""
        body = content.encode() if isinstance(content, str) else content
        aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)

    def plant(self, *failures: Failure) -> None:
        """Record error items."""
        self.slips.quarantine.record(failures)

    def clear(self) -> None:
        """Delete all error items, books and counters."""
        vars(self.slips).pop("counters", None)  # It knows what it has written in this minute.
        from moto.dynamodb.models import dynamodb_backends

        place = self.embedded.place
        for name in (self.slips.config.error_table, self.slips.config.ledger_table):
            dynamodb_backends[place.account][place.region].get_table(name).items.clear()

    def wait_until_idle(self) -> None:
        """Wait until all work of earlier tests is done."""
        self.until(self.player.is_idle)

    @contextmanager
    def locked(self) -> Iterator[str]:
        """Serve the same deployment with `api.auth: token`; yield its URL."""
        path = self._path.with_name("locked.yml")
        path.write_text(CONFIG.format(name=self.slips.config.stack_name, auth="token"))
        app = Chalice(app_name="locked")
        app.register_blueprint(Slips(app, path).api)
        api = ApiServer(lambda: app, 0)
        try:
            yield f"{api.url}/"
        finally:
            api.stop()

    def set_token(self, token: str) -> None:
        """Store the token's hash, as an operator does."""
        name = f"/{self.slips.config.stack_name}/api-token-sha256"
        hashed = hashlib.sha256(token.encode()).hexdigest()
        aws.client("ssm").put_parameter(Name=name, Value=hashed, Type="SecureString", Overwrite=True)

    def until(self, true: Callable[[], Any]) -> None:
        end = time.monotonic() + SECONDS
        while not true():
            assert time.monotonic() < end, "it did not become so"
            time.sleep(0.02)


@contextmanager
def world(up: EmbeddedAws, folder: Path, name: str = "") -> Iterator[World]:
    """Run a separate deployment."""
    running = World(up, folder / "slips.yml", name or f"console-{uuid4().hex[:6]}")
    running.player.start()
    try:
        yield running
    finally:
        running.api.stop()
        running.player.stop()
