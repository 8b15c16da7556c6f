"""`slips new-format`: from a sample to a parser to edit, and its test.

samples  the first records of a file, and the container that cuts them
times    which values are times, and the code that reads them
shapes   what the records are: JSON, columns, pairs, or text
columns  the fields of text: by place, and by what stands there
code     the parser and its test, as text
place    into app.py
"""

from .code import ParserProposal, propose_parser
from .place import insert
from .samples import Samples, read_samples

__all__ = ["ParserProposal", "Samples", "insert", "propose_parser", "read_samples"]
