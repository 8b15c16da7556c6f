"""From what the functions read to what slips.yml names: first the new is there, then the buckets use it, and only when
nothing comes through the old any more, that ends. Killed anywhere and called again, it goes on from there.

`chalice deploy` alone would end the old first: what S3 notifies would be lost until the buckets are switched, and
nobody would read what waits in the old lanes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...config.access import S3Access
from ...config.prefixes import literal_heads
from ...errors import DeploymentError
from .. import polling
from ..aws_errors import with_state
from .account import AwsAccount
from .bucket_notifications import NotificationPlan, plan_moves, read_notifications, uncovered_prefixes
from .bucket_region import bucket_exists
from .change_set import Say
from .code_record import record_code
from .former_resources import FormerResources
from .former_sources import FormerSources, find_former_owners, find_former_sources, stream_name
from .lane_end import is_read_to_its_end
from .notification_receivers import stage_receivers
from .packaging import run_packaging
from .policies import write_files
from .provision import plan_stack
from .stage import DeploymentStage

SETTLE = 300.0
"""Seconds until S3 and SNS must have delivered what they were to deliver through the old topics: S3 documents no bound,
and Lambda's second retry of an asynchronous event comes after three minutes (AWS Lambda Developer Guide, "How Lambda
handles errors and retries with asynchronous invocation")."""


@dataclass(frozen=True)
class Handover:
    """What is to be done after a `chalice deploy` that keeps what the functions read."""

    stage: DeploymentStage
    account: AwsAccount
    sources: FormerSources
    former: FormerResources
    """What of the stack is still in use, and goes at the end."""
    moves: tuple[NotificationPlan, ...]

    def lines(self) -> Iterator[str]:
        """Show each step in a line."""
        for move in self.moves:
            yield from move.lines()
        for topic in self.sources.topics:
            yield f"Wait    {SETTLE / 60:.0f} minutes for the last messages of {topic}"
        for stream in self.sources.streams:
            yield f"Read    the stream {stream_name(stream)} to its end"
        yield f"Run     chalice deploy --stage {self.stage.name} again, to remove what is no longer used"
        yield from self.former.removals()

    def execute(self, say: Say) -> None:
        """Move the notifications, wait until nothing comes through the old topics and lanes, and end them. Raises
        DeploymentError: then both old and new ones stay in use."""
        for move in self.moves:
            move.execute(say)
        say(f"waiting {SETTLE / 60:.0f} minutes for the last messages of the old topics")
        polling.wait(SETTLE)
        for stream, lane in self.sources.streams.items():
            if not is_read_to_its_end(stream_name(stream)):
                raise DeploymentError(
                    f"process_{lane} still reads the stream {stream_name(stream)}, which slips.yml no longer names, in "
                    "addition to the new one; to end that, run `slips deploy` again in 15 minutes"
                )
        write_files(self.stage.project)
        run_packaging(self.stage, "deploy")
        record_code(self.stage)
        plan_stack(self.stage, self.account, is_settled=True).execute(say)


def plan_handover(stage: DeploymentStage, account: AwsAccount, former: FormerResources) -> Handover | None:
    """Plan the handover; None where the functions read what slips.yml names, and nothing else. `former` is what of the
    stack is in use, and not in slips.yml. Raises DeploymentError where nobody would be notified any longer of something
    that is mapped."""
    sources = find_former_sources(stage, account)
    if not (sources or any(former)):
        return None
    moves, access = [], S3Access(stage.config.buckets)
    with with_state("nothing was changed"):
        for bucket in sorted({mapping.bucket for mapping in stage.config.mappings}):
            if bucket_exists(access, bucket):
                move = plan_moves(stage.config, bucket, account, find_former_owners(stage, account, bucket))
                _check_covered(stage, account, sources, move)
                moves += [move] if move.moved else []
    return Handover(stage, account, sources, former, tuple(moves))


def _check_covered(stage: DeploymentStage, account: AwsAccount, sources: FormerSources, move: NotificationPlan) -> None:
    mapped = literal_heads(stage.config.mappings, move.bucket)
    receivers = stage_receivers(stage.config, account)
    read_now = (*receivers.accepted, *sources.topics)
    silent = set(uncovered_prefixes(read_notifications(move.access, move.bucket), mapped, read_now))
    if lost := sorted(set(uncovered_prefixes(move.configuration, mapped, receivers.accepted)) - silent):
        raise DeploymentError(
            f"the bucket {move.bucket} notifies {', '.join(sources.topics)} of mapped prefixes ({', '.join(lost)}), "
            "which slips.yml no longer names; SLIPS did not add that notification: let it go to "
            f"{receivers.settled[0]} first, or write the topic into backend.sns_topics again"
        )
