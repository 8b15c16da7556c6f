"""Small objects with the ledger, against a pool of threads that fetches as many, and has no ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from statistics import median
from typing import Any

import orjson

from slips.ledger.ledger import DynamoLedger

from . import inputs
from .dynamodb import DynamoDBServer
from .measure import Row, in_turns, no_more_than
from .ours import Engine, function, nothing
from .s3 import S3Server
from .throughput import Scale

S3_SECONDS, DYNAMODB_SECONDS = 0.03, 0.005
MOST_BEYOND = 0.006
"""Seconds that one object takes at most beyond what S3 and two requests of DynamoDB take."""
EVENTS = 35
POOL = 32
BOUNDS = {100: 0.75, 10: 0.6}
"""What share of the pool's speed must be reached, by the size of the batch."""
CHAIN = ("s3-lines", "json", "g-suite-login")


def small_objects_ledger(scale: Scale) -> list[Row]:
    """300 objects of 20 KB, in batches of 100, of 10, and of one, with begin and end of each in the ledger."""
    count = 100 if scale.quick else 300
    content = b"".join(line + b"\n" for line in islice(inputs.records(inputs.ndjson, EVENTS), EVENTS))
    names = [f"object-{number}" for number in range(count)]
    with (
        S3Server(dict.fromkeys(names, content), latency=S3_SECONDS) as s3,
        DynamoDBServer(DYNAMODB_SECONDS) as dynamodb,
        ThreadPoolExecutor(POOL) as pool,
    ):
        ledger = DynamoLedger(dynamodb.client(), "ledger", 30)
        engine = Engine(CHAIN, [function(nothing)], objects=s3.objects(), ledger=ledger)
        loop = partial(bare_loop, s3.client())

        def ours(batch: Sequence[str]) -> None:
            engine.run(*batch, object_size=len(content))

        def theirs(batch: Sequence[str]) -> None:
            list(pool.map(loop, batch))

        rows = [_against_the_pool(names, size, bound, ours, theirs, scale) for size, bound in BOUNDS.items()]
        return [*rows, _one(names[: count // 10], ours, loop, scale)]


def bare_loop(client: Any, name: str) -> None:
    """What everybody writes: fetch an object, decode its lines, call the function."""
    for line in client.get_object(Bucket="bench", Key=name)["Body"].read().splitlines():
        nothing(None, orjson.loads(line))


def _against_the_pool(
    names: Sequence[str], size: int, bound: float, ours: Callable[[Sequence[str]], None],
    theirs: Callable[[Sequence[str]], None], scale: Scale,
) -> Row:  # fmt: skip
    batches = [names[start : start + size] for start in range(0, len(names), size)]
    mine, other = in_turns(
        scale.runs, lambda: [ours(batch) for batch in batches], lambda: [theirs(batch) for batch in batches]
    )
    ratio = median(pool / own for own, pool in zip(mine, other, strict=True))
    return Row(
        name=f"objects of 20 KB with ledger, batches of {size}", ours=len(names) / median(mine),
        reference=len(names) / median(other), ratio=ratio, bound=bound, ok=ratio >= bound, unit="objects/s",
    )  # fmt: skip


def _one(names: Sequence[str], ours: Callable[[Sequence[str]], None], loop: Callable[[str], None], scale: Scale) -> Row:
    """One object a batch: what it takes, against what S3 takes, two requests of DynamoDB, and the rest that is left."""
    mine, other = in_turns(scale.runs, lambda: [ours([name]) for name in names], lambda: [loop(name) for name in names])
    allowed = 2 * DYNAMODB_SECONDS + MOST_BEYOND
    took, most = (median(each) / len(names) for each in (mine, other))
    return no_more_than(
        "an object of 20 KB with ledger, alone", took * 1000, (most + allowed) * 1000, bound=1.0, unit="ms"
    )


CASES: dict[str, Callable[[Scale], list[Row]]] = {small_objects_ledger.__name__: small_objects_ledger}
