"""Names of what is not read, so that nobody takes it for lines."""

from __future__ import annotations

import re
from typing import Final

from ...errors import CorruptObject

_SIGNATURES: Final[dict[bytes, str]] = {
    rb"7z\xbc\xaf\x27\x1c": "a 7z archive",
    rb"Rar!\x1a\x07": "a RAR archive",
    rb"LZIP[\0\1]": "an lzip file",
    rb"\x89LZO\0\r\n\x1a\n": "an lzop file",
    rb"\x1f\x9d[\x09-\x10\x89-\x90]": "a file of compress (.Z)",
    rb"\x1f\xa0|\x1f\x1e": "a file of pack (.z)",
    rb"\x5d\0\0(?s:..)(?:\xff{8}|(?s:.){4}\0{4})": "an LZMA file without a container (.lzma)",
    rb"\x02\x21\x4c\x18": "an LZ4 file of the legacy format",
    rb"MSCF\0\0\0\0": "a cabinet file (.cab)",
    rb"!<arch>\n": "an ar archive",
    rb"07070[12][0-9A-Fa-f]{104}": "a cpio archive",
    rb"xar!\0": "a xar archive",
    rb"Obj\x01": "an Avro file",
    rb"ORC[\0-\x12]": "an ORC file",
    rb"ElfFile\0": "a Windows event log (.evtx): export it as XML",
    rb"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x4d\x3c\xb2\xa1|\xa1\xb2\x3c\x4d|\x0a\x0d\x0d\x0a": "a packet capture",
    rb"LPKSHHRH": "a journal of systemd: export it as JSON",
    rb"SQLite format 3\0": "an SQLite database",
    rb"Salted__": "a file that OpenSSL has encrypted",
    rb"age-encryption\.org/v1\n|-----BEGIN AGE ENCRYPTED FILE-----": "a file that age has encrypted",
    rb"-----BEGIN PGP MESSAGE-----|\x85[\x01-\x04](?s:.)\x03": "a file that PGP has encrypted",
    rb"%PDF-": "a PDF file",
    rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a file of Microsoft Office",
    rb"\x89PNG\r\n\x1a\n|GIF8[79]a|\xff\xd8\xff": "an image",
    rb"\x7fELF|MZ\x90\0": "a program",
}
_KNOWN: Final = re.compile(b"|".join(b"(%s)" % signature for signature in _SIGNATURES))
_NAMES: Final = tuple(_SIGNATURES.values())


def refuse_unread(head: bytes, packed_in: tuple[str, ...] = ()) -> None:
    """Raise CorruptObject where content that begins with `head` is known, and not read."""
    if found := _KNOWN.match(head):
        inside = f" in {' in '.join(reversed(packed_in))}" if packed_in else ""
        raise CorruptObject(
            f"the object is {_NAMES[(found.lastindex or 1) - 1]}{inside}, which is not read: text is, as it is or "
            "packed as gzip, zstd, bzip2, xz, LZ4, Snappy, zip or tar; so is Parquet"
        )
