"""The reference loops make the events that SLIPS makes: none is faster by doing less."""

from __future__ import annotations

import random
from itertools import islice

from bench.formats import head_and_record, measured, variants
from bench.references import references
from slips.formats.base import Format, ObjectInfo, events_of
from tests.each_case import each_case

REFERRED = [known for known in measured() if references(known.name)]


@each_case("known", REFERRED)
def test_a_reference_makes_the_same_events(known: Format) -> None:
    head, record = head_and_record(known)
    parser = known.parser(ObjectInfo())
    if head:
        parser.read(head.strip())
    for line in islice(variants(record, random.Random(known.name)), 20):
        ((_, event),) = events_of(parser.read(line.rstrip(b"\n")))
        for loop in references(known.name):
            assert loop(line.rstrip(b"\n")) == event


def test_there_are_two_loops_for_each_of_the_formats_that_have_any() -> None:
    assert len(REFERRED) >= 24
    assert all(len(references(known.name)) >= 2 for known in REFERRED)
