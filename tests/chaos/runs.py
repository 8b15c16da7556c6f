"""One run of a plan, and the table of many."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from ..deployment.emulator import Emulator
from .check import Verdict, healed_by_itself, verdict
from .objects import ENDLESS
from .plan import Plan, plan
from .world import Hangs, World

MINUTES, MOST_MINUTES = 4, 100
"""In which what waits is tried again, during the faults and behind them."""


class Run(msgspec.Struct):
    """The end of a run."""

    seed: int
    verdict: Verdict
    deaths: dict[str, int]
    injected: dict[str, int]
    counts: dict[str, int]
    """How often something happened, by its name."""
    seconds: float


def run(seed: int, package: Path, emulator: Emulator, processes: int = 1) -> Run:
    """Play the scenario of the seed: first with all its faults, then with those alone that do not pass by themselves,
    then with none, and with one drain."""
    begun = time.monotonic()
    scenario = plan(seed)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        world = World(scenario, package, emulator, Path(folder) / str(seed), processes)
        try:
            outcome = _play(world, scenario)
        except Hangs as hangs:
            outcome = Verdict(0, 0, 0, 0, 0, [f"hangs: {hangs}"])
        finally:
            counts = _counts(world)
            world.close()
        return Run(seed, outcome, dict(world.deaths), dict(world.proxy.injected), counts, time.monotonic() - begun)


def _counts(world: World) -> dict[str, int]:
    scenario, clients = world.plan, world.clients
    return {
        "works drained whole": world.recounted,
        "batches": world.batches,
        "objects continued": world.continued,
        "work left to another record": world.count_waits(),
        "objects given up as crashes": world.crashed,
        "child processes that died": world.replaced,
        **clients.answers,
        "items drained meanwhile": clients.drained,
        "runs with other versions": bool(scenario.others),
        **{f"runs with a {other.kind}": 1 for other in scenario.others},
        "runs with another slips.yml": bool(scenario.change),
        "runs with drains meanwhile": bool(scenario.drains),
        "runs with work in both lanes": bool(scenario.twins),
        **{f"runs with {name} down": 1 for name, _, _ in scenario.storms.down},
        "runs with dispatch and report broken": bool(scenario.storms.broken[0]),
        "notifications that nobody took": world.notifications.stranded,
        "calls of retry": world.retries,
        "items released by retry": world.released,
    }


def _play(world: World, scenario: Plan) -> Verdict:
    world.plant()
    world.work(MINUTES)
    world.calm()
    world.work(MOST_MINUTES)
    stuck = [] if not scenario.has_endless or _has_crash(world) else ["the endless event is not an error item `crash`"]
    stuck += healed_by_itself(world)
    world.deploy()
    world.heal()
    world.work(0)
    world.adopt()
    errors = _drain(world)
    outcome = verdict(world, errors)
    outcome.faults += stuck
    return outcome


def _has_crash(world: World) -> bool:
    return any(error["stage"] == "crash" and error["object_key"] == ENDLESS for error in _errors(world))


def _drain(world: World) -> list[Any]:
    """Drain everything once, parked items by their ids. Return what is in the ErrorTable then."""
    world.ask("POST", "/drain", body={})
    parked = _errors(world)
    if parked:
        world.ask("POST", "/drain", body={"ids": [error["request_id"] for error in parked]})
    world.work(0)
    return _errors(world)


def _errors(world: World) -> list[Any]:
    answer = world.ask("GET", "/errors", limit="500")
    return list(answer["errors"]) if answer else [{"request_id": "", "stage": "api", "error_message": "no answer"}]


def line(done: Run) -> str:
    """Return a line about the run."""
    outcome, counts, faults = done.verdict, done.counts, sum(done.injected.values())
    state = "ok" if not outcome.faults else "FAILED"
    return (
        f"seed {done.seed:5}  {state:6}  {outcome.planted:5} planted  {outcome.lost:3} lost  "
        f"{outcome.duplicated:4} twice  "
        f"{faults:4} faults  {sum(done.deaths.values()):3} deaths  {counts['objects continued']:3} continued  "
        f"{counts['work left to another record']:3} left  {done.seconds:5.1f} s"
    )


def table(runs: list[Run]) -> str:
    """Return the sums of all runs, a line each."""
    injected: Counter[str] = Counter()
    deaths: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for done in runs:
        counts.update(done.counts)
        injected.update(done.injected)
        deaths.update(done.deaths)
    rows = [f"{kind:28} {count:7}" for kind, count in sorted(injected.items())]
    rows += [f"{kind:28} {count:7}" for kind, count in sorted(deaths.items())]
    rows += [f"{name:28} {count:7}" for name, count in sorted(counts.items())]
    for name in ("planted", "delivered", "duplicated", "lost"):
        rows.append(f"{'events ' + name:28} {sum(getattr(done.verdict, name) for done in runs):7}")
    rows.append(f"{'items of later shapes kept':28} {sum(done.verdict.staying for done in runs):7}")
    return "\n".join(rows)
