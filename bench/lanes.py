"""Two lanes under a burst: how much waits, and how long, over time.

A discrete simulation in steps of ten seconds. Objects arrive on shards at random (their partition key is a digest);
a shard has a number of invocations at once, each of which takes an object's seconds; an object's age is how long the
oldest one waits that is not begun.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

STEP = 10
"""Seconds."""
HOURS = 6


@dataclass(frozen=True)
class Setting:
    """A lane: shards, invocations at once a shard, seconds an object, and how many invocations the lane may have."""

    name: str
    shards: int
    parallelization: int
    object_seconds: float
    reserved: int = 1000

    @property
    def rate(self) -> float:
        """Objects a second that it takes at most."""
        return min(self.shards * self.parallelization, self.reserved) / self.object_seconds


@dataclass
class Course:
    """What happened, a value a step: objects that came, that wait, and the age of the oldest in seconds."""

    arrived: list[int] = field(default_factory=list)
    backlog: list[int] = field(default_factory=list)
    age: list[float] = field(default_factory=list)

    @property
    def recovered(self) -> float:
        """Hours from the start until nothing waited for more than a minute."""
        late = [step for step, age in enumerate(self.age) if age > 60]
        return (late[-1] + 1) * STEP / 3600 if late else 0.0


def run(
    setting: Setting, arrivals: Callable[[float], float], seed: int = 1, *,
    is_down: Callable[[float], bool] = lambda hour: False,
) -> Course:  # fmt: skip
    """`arrivals` gives objects a second at a time in hours; while it `is_down`, nothing is begun."""
    dice, course = random.Random(seed), Course()
    shards: list[deque[list[float]]] = [deque() for _ in range(setting.shards)]
    share = setting.rate * STEP / setting.shards
    credit, backlog = [0.0] * setting.shards, 0.0
    for step in range(HOURS * 3600 // STEP):
        now = step * STEP
        arrived = _poisson(dice, arrivals(now / 3600) * STEP)
        for number, count in enumerate(_spread(dice, arrived, setting.shards)):
            if count:
                shards[number].append([now, count])
                backlog += count
        for number, waiting in enumerate(shards if not is_down(now / 3600) else ()):
            before = min(credit[number] + share, 2 * share + 1)
            credit[number] = _serve(waiting, before)
            backlog -= before - credit[number]
        course.arrived.append(arrived)
        course.backlog.append(round(backlog))
        course.age.append(max((now - waiting[0][0] for waiting in shards if waiting), default=0.0))
    return course


def count_invocations(setting: Setting, rate: float, batch_size: int = 10, seed: int = 1) -> tuple[int, int]:
    """Return how many objects came in an hour at `rate` a second, and in how many invocations they were taken.

    Lambda reads each shard once a second, deals what came to the shard's concurrent batches by partition key, and
    invokes with what waits as soon as the last invocation of that batch has ended.
    """
    dice, objects, invocations = random.Random(seed), 0, 0
    batches = setting.shards * setting.parallelization
    waiting, busy_until = [0] * batches, [0.0] * batches
    for second in range(3600):
        for number, count in enumerate(_spread(dice, _poisson(dice, rate), batches)):
            waiting[number] += count
            objects += count
            at = max(float(second), busy_until[number])
            while waiting[number] and at < second + 1:
                size = min(batch_size, waiting[number])
                waiting[number] -= size
                invocations += 1
                at += size * setting.object_seconds
            busy_until[number] = at
    return objects, invocations


def _serve(waiting: deque[list[float]], credit: float) -> float:
    """Take as many as there is credit for, and return the rest of it."""
    while waiting and credit >= 1:
        count = min(waiting[0][1], float(int(credit)))
        waiting[0][1] -= count
        credit -= count
        if waiting[0][1] <= 0:
            waiting.popleft()
    return credit


def _spread(dice: random.Random, count: int, shards: int) -> list[int]:
    counts = [0] * shards
    if count > 50 * shards:  # Near enough, and quick.
        for number in range(shards):
            counts[number] = max(0, round(dice.gauss(count / shards, (count / shards) ** 0.5)))
        return counts
    for _ in range(count):
        counts[dice.randrange(shards)] += 1
    return counts


def _poisson(dice: random.Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(dice.gauss(mean, mean**0.5)))
    limit, count, product = 2.718281828**-mean, 0, dice.random()
    while product > limit:
        count, product = count + 1, product * dice.random()
    return count


def burst(normal: float, peak: float) -> Callable[[float], float]:
    """`normal` objects a second, and `peak` from the first hour on for twenty minutes."""
    return lambda hour: peak if 1 <= hour < 1 + 1 / 3 else normal


def in_second_hour(hour: float) -> bool:
    """Whether a time in hours is in the second hour: that of a peak, or of an outage."""
    return 1 <= hour < 2


def plot(courses: list[tuple[Setting, Course]], path: Path) -> None:
    """Backlog and age over time, a line a setting."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(3, 1, figsize=(9, 8), sharex=True, layout="constrained")
    hours = [step * STEP / 3600 for step in range(HOURS * 3600 // STEP)]
    arrived = courses[0][1].arrived
    panels[0].fill_between(hours, [each / STEP for each in arrived], color="#c9ccd1", linewidth=0)
    panels[0].set_ylabel("objects a second")
    for setting, course in courses:
        panels[1].plot(hours, [each / 1000 for each in course.backlog], label=setting.name, linewidth=1.6)
        panels[2].plot(hours, [each / 60 for each in course.age], linewidth=1.6)
    panels[1].set_ylabel("thousand waiting")
    panels[1].legend(frameon=False, fontsize=9)
    panels[2].set_ylabel("oldest, minutes")
    panels[2].set_xlabel("hours")
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.set_ylim(bottom=0)
    panels[0].set_title("A burst of ten times the usual for twenty minutes")
    figure.savefig(path, dpi=110)
