"""The variants that many formats read alike: each is the title of a section of docs/formats.md."""

from __future__ import annotations

JSON_DOCUMENTS = "JSON documents"
ROWS_OF_ANY_AGE = "Rows of any age"
SYSLOG_HEADERS = "Syslog headers"


def leading_section(variant: str) -> str | None:
    """Return the title that a format's variant begins with (`Syslog headers, of which only the zone counts`), None
    where there is none."""
    titles = (JSON_DOCUMENTS, ROWS_OF_ANY_AGE, SYSLOG_HEADERS)
    return next((title for title in titles if variant.startswith(title)), None)
