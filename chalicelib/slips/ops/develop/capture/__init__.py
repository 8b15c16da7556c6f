"""`slips capture`: from an error item to a fixture and a test that fails the same way.

records  the records that failed, out of the object
redact   names, addresses, mails and tokens replaced, their shape kept
test     the text of the test
"""

from .records import Found, failing
from .redact import Redaction, suspicious
from .test import names, test_text

__all__ = ["Found", "Redaction", "failing", "names", "suspicious", "test_text"]
