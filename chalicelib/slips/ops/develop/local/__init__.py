"""`slips local`: the functions of app.py on work items, here, with real tracebacks. Only objects are read; what is
written (errors, ledger, lanes) is written in memory.

items    the work items of a file, or of an error item
bench    the engine over parts in memory, and the functions watched
"""

from .items import of_error, of_file
from .runner import Bench, Fault, Ran

__all__ = ["Bench", "Fault", "Ran", "of_error", "of_file"]
