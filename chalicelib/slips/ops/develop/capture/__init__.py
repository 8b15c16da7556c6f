"""`slips capture`: turn an error item into a fixture and a test that fails the same way.

records  read the failed records from the object
redact   replace names, addresses and tokens, and keep their shape
test     the text of the test
"""

from .records import FailedRecords, failing
from .redact import Redaction, suspicious
from .test import names, test_text

__all__ = ["FailedRecords", "Redaction", "failing", "names", "suspicious", "test_text"]
