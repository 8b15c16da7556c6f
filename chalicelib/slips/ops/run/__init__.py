"""`slips run`: the whole pipeline on this machine.

session       start, upload, play, end
interruption  Ctrl-C
tally         what the invocations answered, added up
progress      what is shown meanwhile
summary       the tally as a table and as JSON
samples       a folder of buckets, uploaded
inbox         a watched folder: what is dropped there becomes an object
writers       whether a file is still being written
serve         the REST API, on Chalice's local server
reload        app.py, imported anew when it is edited
"""

from .session import Options, run_session

__all__ = ["Options", "run_session"]
