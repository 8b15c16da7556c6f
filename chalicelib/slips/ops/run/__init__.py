"""`slips run`: run the whole pipeline on this machine.

session       start, upload, process, end
interruption  Ctrl-C
tally         the sums of what invocations return
progress      the output meanwhile
summary       the tally as a table and as JSON
samples       upload a folder of buckets
inbox         a watched folder: each new file becomes an object
writers       whether a file is still being written
serve         the REST API, on Chalice's local server
reload        import app.py again when it is edited
"""

from .session import Options, run_session

__all__ = ["Options", "run_session"]
