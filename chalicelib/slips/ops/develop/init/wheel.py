"""The wheel of this SLIPS, packed again from what is installed.

A project names the wheel by its path, and not SLIPS by its name: another package on an index may bear that name. What
`pip` installed is the content of a wheel, so that it can be packed again wherever it came from. The same files make the
same bytes (Binary distribution format, "File contents": RECORD lists every file with its SHA-256 and size).
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from ....errors import SlipsError
from ....version import VERSION

NAME = f"slips-{VERSION}-py3-none-any.whl"
_PACKAGE = Path(__file__).resolve().parents[3]
_DIST_INFO = f"slips-{VERSION}.dist-info"
_METADATA = ("METADATA", "entry_points.txt", "top_level.txt", "licenses/LICENSE")
_WHEEL = b"Wheel-Version: 1.0\nGenerator: slips\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""


class Wheel(NamedTuple):
    """A wheel's bytes, and the SHA-256 of them in hexadecimal digits."""

    content: bytes
    sha256: str


def pack_wheel() -> Wheel:
    """Pack the wheel. Raises SlipsError where SLIPS is not installed: a clone that nothing was installed from."""
    files = {f"slips/{name}": content for name, content in _package_files()} | _metadata_files()
    files[f"{_DIST_INFO}/WHEEL"] = _WHEEL
    files[f"{_DIST_INFO}/RECORD"] = _record(files)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return Wheel(packed.getvalue(), hashlib.sha256(packed.getvalue()).hexdigest())


def _package_files() -> Iterator[tuple[str, bytes]]:
    for path in sorted(_PACKAGE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(_PACKAGE).as_posix(), path.read_bytes()


def _metadata_files() -> dict[str, bytes]:
    # A build leaves slips.egg-info in a clone, which has no METADATA.
    installed = next((each for each in distributions(name="slips") if each.read_text("METADATA")), None)
    if installed is None:
        raise SlipsError("SLIPS is not installed here; install it first: pip install -e . in the clone")
    if installed.version != VERSION:
        raise SlipsError(f"SLIPS {VERSION} runs, but {installed.version} is installed; install this one again")
    texts = {name: installed.read_text(name) for name in _METADATA}
    return {f"{_DIST_INFO}/{name}": text.encode() for name, text in texts.items() if text is not None}


def _record(files: Mapping[str, bytes]) -> bytes:
    lines = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    return "".join([*lines, f"{_DIST_INFO}/RECORD,,\n"]).encode()
