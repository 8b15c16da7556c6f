"""An emulator of Lambda: threads that carry messages and records to the handlers of app.py."""

from __future__ import annotations

import logging
import threading

from chalice.app import Chalice

from ....config import Config
from . import triggers
from .invocations import Activity
from .invoke import Handlers, LambdaRuntime, OnAnswer
from .queues import QueueTrigger
from .region import Place
from .schedule import ScheduleTrigger
from .shards import ShardTrigger, shards
from .topics import TopicTrigger

log = logging.getLogger("slips.embedded")

SHORT, LONG = 0.03, 0.3
"""Seconds between two polls of a trigger: the first after it delivered, the last after it was empty for long."""


class LambdaEmulator:
    """An emulator that carries work to the handlers until `stop`. `handlers` finds a handler by its function's name."""

    def __init__(self, app: Chalice, config: Config, place: Place, handlers: Handlers, on_answer: OnAnswer) -> None:
        self._runtime = LambdaRuntime(handlers, on_answer, place)
        self._stopped = threading.Event()
        # Lambda gives each invocation a process of its own, and functions may rely on it with buffers in global
        # variables. So only one batch runs at a time, whatever its lane.
        alone = threading.Lock()
        self._notifiers: list[TopicTrigger | QueueTrigger] = [
            *(TopicTrigger(each, self._runtime, config) for each in triggers.topics(app)),
            *(QueueTrigger(each, self._runtime) for each in triggers.queues(app)),
        ]
        self._shards = [shard for each in triggers.streams(app) for shard in shards(each, self._runtime, alone)]
        schedules = [ScheduleTrigger(each, self._runtime, alone) for each in triggers.schedules(app)]
        self._threads = [
            *(threading.Thread(target=self._work, args=(each,), name=each.function, daemon=True) for each in schedules),
            *(
                threading.Thread(target=self._work, args=(each,), name=each.function, daemon=True)
                for each in self._notifiers
            ),
            *(threading.Thread(target=self._work, args=(each,), name=each.name, daemon=True) for each in self._shards),
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop after the running invocations."""
        self._stopped.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    @property
    def activity(self) -> Activity:
        """The invocations that run, and those that ended."""
        return self._runtime.activity

    @property
    def messages(self) -> int:
        """The notifications that were dispatched or given up."""
        return sum(notifier.messages for notifier in self._notifiers if not notifier.is_for_reports)

    def is_idle(self) -> bool:
        """Return whether nothing is left to do. Only invocations put work into lanes and topics, so these are empty if
        all were seen empty while no invocation ran or ended."""
        ended = self.activity.ended
        return (
            all(shard.is_idle(ended) for shard in self._shards)
            and all(notifier.is_idle() for notifier in self._notifiers)
            and not self.activity.running
            and self.activity.ended == ended
        )

    def _work(self, trigger: TopicTrigger | QueueTrigger | ShardTrigger | ScheduleTrigger) -> None:
        """Poll the trigger, less often the longer it is empty."""
        pause = SHORT
        while not self._stopped.wait(pause):
            try:
                pause = SHORT if trigger.poll() else min(pause * 1.5, LONG)
            # A fault of the emulator itself, or of moto, must be seen and must not end the thread.
            except Exception:
                log.exception("the embedded AWS does not answer")
                pause = LONG
