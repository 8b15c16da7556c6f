"""What hypothesis draws: steps, and at which write of a step what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from .world import CHAINS, FUNCTIONS, Abandon, Change, Deliver, Drain, During, Land, Step, World, in_one_thread

LINES: tuple[list[str], ...] = (
    ["1", "2"], ["1", "2", "3"], ["1", "~4", "2"], ["5;6", "1", "2"], ["1", "5;6"], ["1", "2", "3", "~4", "5;6"], [],
)  # fmt: skip
FAULTS = ("refused", "lost", "dies", "dies before", "partly")
CHANGES: dict[str, tuple[Any, ...]] = {
    "seconds": (1, 301, 1000),
    "chain": CHAINS,
    "names": (("plain",), ("renamed",)),
    "setup fails": (True, False),
    "repair": (None,),
    "failing": tuple((function, number) for function in FUNCTIONS for number in "12"),
    "ledger expires": (None,),
}
STEPS = ("deliver",) * 5 + ("drain",) * 3 + ("change",) * 2 + ("abandon",)


@dataclass
class Plan:
    errors_per_object: int
    failing: list[tuple[str, str]]
    broken: list[str]
    steps: list[Step]

    def play(self) -> World:
        """Take every step, and see that nothing is lost in the end."""
        with in_one_thread():
            world = World(self.errors_per_object)
            for function, number in self.failing:
                world.fail(function, number)
            for number in self.broken:
                world.break_record(number)
            for step in self.steps:
                world.take(step)
            world.end()
        return world


def _draw_step(draw: st.DrawFn, depth: int = 0) -> Step:
    match draw(st.sampled_from(STEPS)):
        case "deliver":
            seconds_left = draw(st.lists(st.sampled_from((100.0, 100.0, 1.0)), max_size=6))
            return Deliver(draw(st.integers(1, 3)), _draw_faults(draw, depth), seconds_left, draw(st.booleans()))
        case "drain":
            limit = draw(st.sampled_from((None, None, 1)))
            return Drain(_draw_faults(draw, depth), limit, draw(st.booleans()), draw(st.booleans()))
        case "abandon":
            return Abandon(draw(st.integers(1, 2)), _draw_faults(draw, depth))
    what = draw(st.sampled_from(sorted(CHANGES)))
    return Change(what, draw(st.sampled_from(CHANGES[what])))


def _draw_faults(draw: st.DrawFn, depth: int) -> dict[int, Any]:
    """Draw what goes wrong at which write: often another process comes in between."""
    faults: dict[int, Any] = {}
    for _ in range(draw(st.sampled_from((0, 1, 1, 2)))):
        write = draw(st.integers(1, 6))
        if depth < 2 and draw(st.booleans()):
            faults[write] = During(_draw_step(draw, depth + 1), is_before=draw(st.booleans()))
        else:
            faults[write] = draw(st.sampled_from(FAULTS))
    return faults


def _draw_land(draw: st.DrawFn) -> Land:
    return Land(list(draw(st.sampled_from(LINES))), draw(st.sampled_from((False, False, True))), draw(st.booleans()))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    failing = [
        (function, number)
        for function in draw(st.lists(st.sampled_from(FUNCTIONS), max_size=2, unique=True))
        for number in draw(st.sets(st.sampled_from("12356"), min_size=1, max_size=4))
    ]
    broken = draw(st.sampled_from(([], [], ["1"], ["5"])))
    steps: list[Step] = [_draw_land(draw)]
    for _ in range(draw(st.integers(1, 5))):
        is_land = draw(st.integers(0, 5)) == 5
        steps.append(_draw_land(draw) if is_land else _draw_step(draw))
    return Plan(draw(st.sampled_from((100, 1))), failing, broken, steps)
