"""What a role may lack, since SLIPS does without it: the Sids of the statements, and what that costs."""

from __future__ import annotations

from typing import Final

MANY_BOOKS: Final = "KeepManyBooks"
QUEUE_AGE: Final = "ReadQueueAge"
COSTS: Final = {
    MANY_BOOKS: "its functions write each object to the ledger separately, which costs CPU",
    QUEUE_AGE: "the console does not say for how long notifications have waited in the redrive queue",
}
