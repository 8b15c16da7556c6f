"""A terminal that commands write to, and what it would act on."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import unicodedata
from pathlib import Path

EMBEDDINGS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
BMP = [chr(code) for code in range(0x10000)]
BIDI = ["\u061c", "\u200e", "\u200f", *(char for char in BMP if unicodedata.bidirectional(char) in EMBEDDINGS)]
CONTROLS = [char for char in BMP if unicodedata.category(char) == "Cc"]
ACTED_ON = sorted({*BIDI, *CONTROLS} - {"\t", "\n"})
RAW = re.compile(f"[{re.escape(''.join(ACTED_ON))}]")

PWN = "\x1b]0;pwn\x07\x9b31m\u202e\u2066\u200f\u061c\x7f\x08\r"
"""It retitles the window, turns what follows red and around, and deletes what came before."""
SHOWN = "\\x1b]0;pwn\\x07\\u009b31m\\u202e\\u2066\\u200f\\u061c\\u007f\\x08\\r"
"""The same, as it may be shown."""


def run_on_terminal(arguments: list[str], folder: Path, environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a command whose output is a terminal; return its status, and what the terminal got."""
    ours, terminal = pty.openpty()
    process = subprocess.Popen(
        arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
        env={**(environment or os.environ), "TERM": "xterm-256color", "COLUMNS": "300"},
    )  # fmt: skip
    os.close(terminal)
    content = b""
    while part := _read(ours):
        content += part
    os.close(ours)
    # A terminal ends its lines with a carriage return.
    return process.wait(30), content.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux: nobody has the other side open any more.
        return b""
