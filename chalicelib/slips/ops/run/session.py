"""One `slips run`, from its start to its end."""

from __future__ import annotations

import gc
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ...config import Config
from ..develop.project import Project
from ..target import RUNNING
from .embedded import Account, EmbeddedAws, LambdaEmulator, place_of
from .embedded.invoke import TIMEOUT
from .embedded.triggers import missing
from .inbox import Inbox
from .interruption import interruptible
from .progress import batch_line, progress, starting
from .reload import Reloading
from .samples import list_samples, require_samples, upload
from .serve import ApiServer
from .summary import as_json, print_table
from .tally import Tally

STUCK_SECONDS = 60.0
"""Without any success, when nothing runs or what runs has passed its timeout."""
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    config: str | None = None
    once: bool = False
    json: bool = False
    samples: Path | None = None
    inbox: Path = Path("inbox")
    port: int = 8000


def run_session(options: Options) -> None:
    """Run until the samples are done (`once`) or until SIGINT or SIGTERM. Raises ConfigError, SlipsError and
    click.ClickException."""
    with interruptible() as stopped:
        reloading = Reloading(options.config)
        samples = require_samples(options.samples) if options.samples else list_samples(Path("samples"))
        starting()
        with EmbeddedAws(place_of(reloading.project.slips.config)) as embedded:
            session = Session(options, reloading, embedded, stopped)
            with session.playing({bucket for bucket, _, _ in samples}):
                session.process(samples)
                if not options.once:
                    session.stay()
        if stopped.is_set() and options.once:
            raise click.ClickException("interrupted before the samples were done")


class Session:
    """The parts of a run, and what they do together."""

    def __init__(self, options: Options, reloading: Reloading, embedded: EmbeddedAws, stopped: threading.Event) -> None:
        self._options = options
        self._reloading = reloading
        self._embedded = embedded
        self._stopped = stopped
        self._tally = Tally()
        self._stays = False
        project = reloading.project
        config = project.slips.config
        self._account = Account(config, embedded.place)
        # From now on: what is dropped there while the samples are still at work is not overlooked.
        self._inbox = None if options.once else Inbox(options.inbox.resolve(), folders(config), self._take)
        for line in missing(project.app, config):
            click.echo(line, err=True)

    @contextmanager
    def playing(self, buckets: set[str]) -> Iterator[None]:
        """With the stack, and Lambda at work."""
        project = self._reloading.project
        config = project.slips.config
        self._account.create(buckets | {mapping.bucket for mapping in config.mappings})
        # The emulator's modules hold 200,000 objects, for good: looked through again and again, they cost events their
        # time, and two seconds of the end.
        gc.freeze()
        self._player = LambdaEmulator(
            project.app, config, self._embedded.place, self._reloading.handler, self._on_answer
        )
        self._reloading.reloaded = self._reloaded
        self._player.start()
        try:
            yield
        finally:
            if self._player.activity.running:
                click.echo(f"{self._player.activity.describe()}; another Ctrl-C ends it at once", err=True)
            self._player.stop()

    def process(self, samples: list[tuple[str, str, Path]]) -> None:
        """Upload the samples, wait until all is done, and say what was."""
        self._tally.start()
        with progress(self._tally, len(samples)) as show:
            for bucket, key, path in samples:
                if self._stopped.is_set():
                    return
                upload(bucket, key, path)
                show()
            self._wait(len(samples), show)
        if self._stopped.is_set():
            return
        quarantine = self._reloading.project.slips.quarantine
        if self._options.json:
            click.echo(as_json(self._tally, quarantine))
        else:
            print_table(self._tally, quarantine)

    def _wait(self, messages: int, show: Callable[[], None]) -> None:
        begun = time.monotonic()
        while not self._stopped.wait(0.05):
            show()
            if self._player.messages >= messages and self._player.is_idle():
                return
            if self._is_stuck(begun):
                raise click.ClickException(
                    f"nothing has succeeded for {STUCK_SECONDS:.0f} s; {self._player.messages} of {messages} "
                    f"notifications were dispatched; {self._player.activity.describe() or 'no function was called'}"
                )

    def _is_stuck(self, begun: float) -> bool:
        activity = self._player.activity
        running = activity.running
        if running:
            return max(running.values()) > TIMEOUT + STUCK_SECONDS
        return min(activity.idle_seconds, time.monotonic() - begun) > STUCK_SECONDS

    def stay(self) -> None:
        """Serve the API, watch the inbox and app.py, until told to stop."""
        if self._inbox is None or self._stopped.is_set():
            return
        self._stays = True
        api = ApiServer(lambda: self._reloading.project.app, self._options.port)
        try:
            with self._announced(api):
                if api.moved:
                    click.echo(f"port {self._options.port} is taken, so the API has another one", err=True)
                inbox = f"{self._options.inbox}/<bucket>/<key>"
                click.echo(f"API: {api.url} (in a browser, the console)   inbox: {inbox}   (Ctrl-C ends)")
                while not self._stopped.wait(LOOK_SECONDS):
                    self._inbox.look()
                    _ = self._reloading.project  # Says at once whether an edit is good.
        finally:
            api.stop()

    def _on_answer(self, function: str, answer: dict[str, Any]) -> None:
        self._tally.note(answer)
        line = batch_line(answer)
        if self._stays and line:
            click.echo(f"{function}: {line}")

    def _take(self, bucket: str, key: str, path: Path) -> None:
        self._account.add_bucket(bucket)
        upload(bucket, key, path)
        click.echo(f"s3://{bucket}/{key}")

    def _reloaded(self, project: Project) -> None:
        """slips.yml may map other buckets now."""
        config = project.slips.config
        for mapping in config.mappings:
            self._account.add_bucket(mapping.bucket)
        if self._inbox is not None:
            self._inbox.make(folders(config))

    @contextmanager
    def _announced(self, api: ApiServer) -> Iterator[None]:
        """Let the other commands find this run."""
        running = {"endpoint": self._embedded.endpoint, "region": self._embedded.place.region, "api": api.url}
        file = RUNNING.resolve()
        file.parent.mkdir(exist_ok=True)
        mine = json.dumps({**running, "pid": os.getpid(), "config": self._options.config})
        file.write_text(mine)
        try:
            yield
        finally:
            # Another run in this folder may have written its own meanwhile.
            if file.exists() and file.read_text() == mine:
                file.unlink()


def folders(config: Config) -> list[str]:
    """The folders of the mapped prefixes, as far as they are plain paths."""
    prefixes = [(mapping.bucket, mapping.prefix.rpartition("/")[0]) for mapping in config.mappings]
    return [f"{bucket}/{prefix}" for bucket, prefix in prefixes if ".." not in prefix.split("/")]
