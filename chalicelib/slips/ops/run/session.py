"""A `slips run`, from start to end."""

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
from ...config.prefixes import literal_head
from ...lanes.throttle import sleep_seconds
from ...wording import plural
from ..develop.project import Project, unread_mappings
from ..target import RUNNING, find_running
from .embedded import Account, EmbeddedAws, LambdaEmulator, place_of
from .embedded.invoke import TIMEOUT
from .embedded.triggers import missing
from .inbox import Inbox
from .interruption import interruptible
from .outbox_folder import OutboxFolder
from .progress import batch_line, progress, starting
from .reload import Reloading
from .samples import list_samples, require_samples, upload
from .serve import ApiServer
from .sinks import prepare_sinks
from .summary import as_json, print_table
from .tally import Tally
from .waiting import describe_due, describe_wait, wait_line

STUCK_SECONDS = 60.0
"""Seconds without a success after which a run is stuck, if nothing runs or all that runs has timed out."""
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Options:
    """The options of the command line."""

    config: str | None = None
    once: bool = False
    json: bool = False
    samples: Path | None = None
    inbox: Path = Path("inbox")
    outbox: Path = Path("outbox")
    port: int = 8000
    dry_sinks: bool = False


def run_session(options: Options) -> None:
    """Run until the samples are done (`once`), or until SIGINT or SIGTERM. Raises ConfigError, SlipsError and
    click.ClickException."""
    with interruptible() as stopped:
        reloading = Reloading(options.config)
        samples = require_samples(options.samples) if options.samples else list_samples(Path("samples"))
        starting()
        with EmbeddedAws(place_of(reloading.project.slips.config)) as embedded:
            session = Session(options, reloading, embedded, stopped)
            with session.emulating({bucket for bucket, _, _ in samples}):
                session.process(samples)
                if not options.once:
                    session.stay()
        if stopped.is_set() and options.once:
            raise click.ClickException("interrupted before the samples were done")


class Session:
    """A run: its parts, and how they work together."""

    def __init__(self, options: Options, reloading: Reloading, embedded: EmbeddedAws, stopped: threading.Event) -> None:
        self._options = options
        self._reloading = reloading
        self._embedded = embedded
        self._stopped = stopped
        self._tally = Tally()
        self._stays = False
        self._counted_at, self._due = -1, ""
        project = reloading.project
        config = project.slips.config
        self._account = Account(config, embedded.place)
        self._outbox = OutboxFolder(options.outbox.resolve())
        self._has_sent = True
        """Whether sinks may have written something that is not in the outbox."""
        # From now on, so that files that arrive while the samples are processed are not missed.
        self._inbox = None if options.once else Inbox(options.inbox.resolve(), folders(config), self._take)
        for line in (*missing(project.app, config), *unread_mappings(project.slips)):
            click.echo(line, err=True)
        for lane in (config.fast, config.slow):
            if seconds := sleep_seconds(lane, lane.batch_size):
                click.echo(f"the {lane.name} lane waits {seconds:g} s after a full batch, as its delay says", err=True)

    @contextmanager
    def emulating(self, buckets: set[str]) -> Iterator[None]:
        """Create the stack, and run Lambda meanwhile."""
        project = self._reloading.project
        config = project.slips.config
        self._account.create(buckets | {mapping.bucket for mapping in config.mappings})
        prepare_sinks(project.slips, dry=self._options.dry_sinks)
        # The emulator's modules hold 200,000 permanent objects. Collecting them again and again would slow down events,
        # and cost two seconds at the end.
        gc.freeze()
        self._emulator = LambdaEmulator(
            project.app, config, self._embedded.place, self._reloading.handler, self._on_answer
        )
        self._reloading.reloaded = self._reloaded
        self._emulator.start()
        try:
            yield
        finally:
            if self._emulator.activity.running:
                click.echo(f"{self._emulator.activity.describe()}; press Ctrl-C again to end it at once", err=True)
            self._emulator.stop()

    def process(self, samples: list[tuple[str, str, Path]]) -> None:
        """Upload the samples, wait until all are processed, and print a summary."""
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
            self._fetch_sent()
            click.echo(as_json(self._tally, quarantine))
        else:
            print_table(self._tally, quarantine)
            self._fetch_sent()

    def _fetch_sent(self) -> None:
        """Fetch what sinks have written since the last time."""
        if self._has_sent:
            self._has_sent = False
            if count := self._outbox.fetch(self._reloading.project.slips):
                click.echo(f"sinks wrote {plural(count, 'file')}, in {self._options.outbox}/", err=True)

    def _wait(self, messages: int, show: Callable[[], None]) -> None:
        begun = time.monotonic()
        while not self._stopped.wait(0.05):
            show()
            if self._emulator.messages >= messages and self._emulator.is_idle():
                return
            if self._is_stuck(begun):
                raise click.ClickException(
                    f"nothing has succeeded for {STUCK_SECONDS:.0f} s; {self._emulator.messages} of {messages} "
                    f"notifications were dispatched; {self._emulator.activity.describe() or 'no function was called'}"
                )

    def _is_stuck(self, begun: float) -> bool:
        activity = self._emulator.activity
        running = activity.running
        if running:
            return max(running.values()) > TIMEOUT + STUCK_SECONDS
        return min(activity.idle_seconds, time.monotonic() - begun) > STUCK_SECONDS

    def stay(self) -> None:
        """Serve the API and watch the inbox and app.py until a signal comes."""
        if self._inbox is None or self._stopped.is_set():
            return
        self._stays = True
        api = ApiServer(lambda: self._reloading.project.app, self._options.port)
        try:
            with self._announced(api):
                if api.moved:
                    click.echo(f"port {self._options.port} is taken; the API uses another one", err=True)
                inbox = f"{self._options.inbox}/<bucket>/<key>"
                click.echo(f"API: {api.url} (in a browser, the console)   inbox: {inbox}   (Ctrl-C to end)")
                with wait_line() as show:
                    while not self._stopped.wait(LOOK_SECONDS):
                        self._inbox.look()
                        self._fetch_sent()
                        _ = self._reloading.project  # Reloads at once, and says whether an edit is good.
                        show(self._describe_wait())
        finally:
            api.stop()

    def _describe_wait(self) -> str:
        """What is waited for. Items are counted where an invocation has ended since the last time."""
        slips, activity = self._reloading.project.slips, self._emulator.activity
        if (ended := activity.ended) != self._counted_at:
            self._counted_at, self._due = ended, describe_due(slips.quarantine)
        return describe_wait(activity.running, slips.config, self._due, f"{self._options.inbox}/<bucket>/<key>")

    def _on_answer(self, function: str, answer: dict[str, Any]) -> None:
        self._tally.note(answer)
        self._has_sent = True
        line = batch_line(answer)
        if self._stays and line:
            click.echo(f"{function}: {line}")

    def _take(self, bucket: str, key: str, path: Path) -> None:
        self._account.add_bucket(bucket)
        upload(bucket, key, path)
        click.echo(f"s3://{bucket}/{key}")

    def _reloaded(self, project: Project) -> None:
        """Add the buckets and folders that an edited slips.yml maps, and name the mappings that no function takes."""
        config = project.slips.config
        for mapping in config.mappings:
            self._account.add_bucket(mapping.bucket)
        for line in unread_mappings(project.slips):
            click.echo(line, err=True)
        prepare_sinks(project.slips, dry=self._options.dry_sinks)
        if self._inbox is not None:
            self._inbox.make(folders(config))

    @contextmanager
    def _announced(self, api: ApiServer) -> Iterator[None]:
        """Write the file by which other commands find this run."""
        running = {"endpoint": self._embedded.endpoint, "region": self._embedded.place.region, "api": api.url}
        file = RUNNING.resolve()
        file.parent.mkdir(exist_ok=True)
        if (other := find_running(file)) is not None:
            click.echo(f"another `slips run` (process {other}) is up in this folder: --local means that one", err=True)
            yield
            return
        mine = json.dumps({**running, "pid": os.getpid(), "config": self._options.config})
        file.write_text(mine)
        try:
            yield
        finally:
            # Another run in this folder may have replaced it meanwhile.
            if file.exists() and file.read_text() == mine:
                file.unlink()


def folders(config: Config) -> list[str]:
    """Return the folders of the mapped prefixes that are plain paths."""
    prefixes = [(mapping.bucket, literal_head(mapping.prefix).rpartition("/")[0]) for mapping in config.mappings]
    return [f"{bucket}/{prefix}" for bucket, prefix in prefixes if ".." not in prefix.split("/")]
