"""`slips local`: run the functions of app.py on work items on this machine, with real tracebacks. It reads objects;
errors, ledger and lanes are in memory.

items   the work items of a file, or of an error item
runner  the engine over parts in memory, and the watched functions
"""

from .items import of_error, of_file
from .runner import Fault, Runner, RunResult

__all__ = ["Fault", "RunResult", "Runner", "of_error", "of_file"]
