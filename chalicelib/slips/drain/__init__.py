"""What failed, back into its lane.

request   DrainRequest and DrainReport
run       drain: chunk by chunk through the selected items
chunk     a chunk: claim, put, confirm
requeue   what to put for an error item, and into which lane
outcome   what became of a drain
retry     what waits, tried again by itself
restored  what waits until its object is restored from an archive
"""

from __future__ import annotations

from .outcome import load_outcome
from .request import DrainOutcome, DrainReport, DrainRequest
from .run import drain

__all__ = ["DrainOutcome", "DrainReport", "DrainRequest", "drain", "load_outcome"]
