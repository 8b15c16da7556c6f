"""`slips new-format`: from a sample to a format to edit: a pattern of slips.yml, or a parser and its test.

framings  what cuts a file into records: lines, or the regex of a first line
samples   the first records of a file
times     which values are times, and the code that reads them
shapes    what the records are: JSON, columns, pairs, or text
columns   the fields of text, by position and value
pattern   the format for slips.yml, where a pattern can be one
code      the parser and its test, as text
place     the parser's place in app.py
"""

from .code import ParserProposal, propose_parser
from .pattern import PatternProposal, propose_pattern
from .place import insert
from .samples import Samples, read_samples

__all__ = [
    "ParserProposal",
    "PatternProposal",
    "Samples",
    "insert",
    "propose_parser",
    "propose_pattern",
    "read_samples",
]
