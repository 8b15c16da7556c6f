"""The tables and streams of a deployment, each made when it is first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from . import aws

if TYPE_CHECKING:
    from .config import Config
    from .counters import Counters
    from .lanes import KinesisLanes
    from .ledger import DynamoLedger
    from .quarantine import Quarantine

# Each Lambda function needs another part of these, and all of them import this module: so what a part needs is
# imported with it.


class Stores:
    """What `config` names, with the credentials of this process."""

    config: Config

    @cached_property
    def quarantine(self) -> Quarantine:
        """The ErrorTable."""
        from .quarantine import Quarantine

        limits = self.config.limits
        return Quarantine(aws.client("dynamodb"), self.config.error_table, max_attempts=limits.max_attempts)

    @cached_property
    def lanes(self) -> KinesisLanes:
        """The Kinesis streams."""
        from .lanes import KinesisLanes

        return KinesisLanes(aws.client("kinesis"), self.config.fast, self.config.slow)

    @cached_property
    def ledger(self) -> DynamoLedger:
        """The LedgerTable."""
        from .ledger import DynamoLedger

        return DynamoLedger(aws.client("dynamodb"), self.config.ledger_table, self.config.ledger_ttl_days)

    @cached_property
    def counters(self) -> Counters:
        """What `GET /stats` counts, in the LedgerTable too."""
        from .counters import Counters

        return Counters(aws.client("dynamodb"), self.config.ledger_table)
