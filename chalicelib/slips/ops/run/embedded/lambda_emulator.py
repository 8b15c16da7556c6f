"""Lambda, played: threads that carry messages and records to the handlers of app.py."""

from __future__ import annotations

import logging
import threading

from chalice.app import Chalice

from ....config import Config
from . import triggers
from .invocations import Activity
from .invoke import Handlers, LambdaRuntime, OnAnswer
from .region import Place
from .shards import ShardTrigger, shards
from .topics import TopicTrigger

log = logging.getLogger("slips.embedded")

SHORT, LONG = 0.03, 0.3
"""Seconds between looks at a source: the first after something came, the last when nothing has come for long."""


class LambdaEmulator:
    """Carries work to the handlers until `stop`. `handlers` finds a function's handler by its name."""

    def __init__(self, app: Chalice, config: Config, place: Place, handlers: Handlers, on_answer: OnAnswer) -> None:
        self._runtime = LambdaRuntime(handlers, on_answer, place)
        self._stopped = threading.Event()
        # Lambda gives each invocation a process to itself, and functions may rely on it: buffers in global variables
        # are flushed by one invocation alone. So one batch at a time here, of whichever lane.
        alone = threading.Lock()
        self._topics = [TopicTrigger(each, self._runtime, config.dead_letters) for each in triggers.topics(app)]
        self._shards = [shard for each in triggers.streams(app) for shard in shards(each, self._runtime, alone)]
        self._threads = [
            *(
                threading.Thread(target=self._work, args=(each,), name=each.function, daemon=True)
                for each in self._topics
            ),
            *(threading.Thread(target=self._work, args=(each,), name=each.name, daemon=True) for each in self._shards),
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the invocations that run."""
        self._stopped.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    @property
    def activity(self) -> Activity:
        """What runs, and what has run."""
        return self._runtime.activity

    @property
    def messages(self) -> int:
        """Notifications that are done with, dispatched or given up."""
        return sum(topic.messages for topic in self._topics if not topic.is_for_reports)

    def is_idle(self) -> bool:
        """Whether nothing is left to do. Nothing comes into a lane or topic but by an invocation, so that there is
        nothing in them if they were all seen empty while none ended and none ran."""
        ended = self.activity.ended
        return (
            all(shard.is_idle(ended) for shard in self._shards)
            and all(topic.is_idle() for topic in self._topics)
            and not self.activity.running
            and self.activity.ended == ended
        )

    def _work(self, source: TopicTrigger | ShardTrigger) -> None:
        """Look at the source again and again, the less often the longer nothing comes."""
        pause = SHORT
        while not self._stopped.wait(pause):
            try:
                pause = SHORT if source.poll() else min(pause * 1.5, LONG)
            # A fault of the player itself, or of the emulator, must be seen and must not end it.
            except Exception:
                log.exception("the embedded AWS does not answer")
                pause = LONG
