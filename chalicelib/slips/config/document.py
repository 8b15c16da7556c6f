"""Parse slips.yml into plain values. Only `load` imports this, since PyYAML adds some 15 ms to a cold start."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import Reader

from ..errors import ConfigError, Where
from .problems import BROKEN, Problems, child_path, quote

if TYPE_CHECKING:
    from yaml import _yaml

# libyaml is several times faster, but not every wheel or platform has it.
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Composing recurses once per level, in C without a guard: 100 is far below a crash, far above what a person writes.
_MAX_DEPTH = 100

_TAG = "tag:yaml.org,2002:"
_SCALARS = frozenset(_TAG + kind for kind in ("null", "bool", "int", "float", "str", "timestamp", "binary"))


def parse(content: bytes, name: str, problems: Problems) -> object:
    """Parse the only document of `content`; return its value, None if it is empty.

    `name` is the name of the file in faults. Raises ConfigError if the YAML itself is broken. Faults that do not stop
    the reading (duplicate keys, unknown tags, invalid dates) go to `problems`, and the value there is BROKEN.
    """
    text = _decode(content, name)
    try:
        _check_depth(text, name)
        loader = _Loader(text)
        root = loader.get_single_node()
        return None if root is None else _Builder(loader, problems).value(root, "")
    except yaml.YAMLError as error:
        raise _syntax_fault(text, name, error) from None


def _decode(content: bytes, name: str) -> str:
    # A byte order mark is how Windows editors save "Unicode"; without one, YAML is UTF-8.
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise _fault(
            name, content[: error.start].count(b"\n"), None, "is not UTF-8", "save the file as UTF-8"
        ) from None
    if unprintable := Reader.NON_PRINTABLE.search(text):
        before = text[: unprintable.start()]
        problem = f"the character U+{ord(unprintable.group()):04X} is not allowed in YAML"
        column = unprintable.start() - before.rfind("\n") - 1
        raise _fault(name, before.count("\n"), column, problem, "remove it")
    return text


def _check_depth(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise _fault(name, *_line_and_column(event.start_mark), f"nested more than {_MAX_DEPTH} deep", "flatten it")


def _syntax_fault(text: str, name: str, error: yaml.YAMLError) -> ConfigError:
    line, column = _line_and_column(getattr(error, "problem_mark", None) or getattr(error, "context_mark", None))
    problem = " ".join(str(getattr(error, "problem", None) or "broken YAML").split())
    lines = text.splitlines()[line : line + 1]
    tab = bool(lines) and "\t" in lines[0][: column + 1]
    return _fault(name, line, column, problem, "indent with spaces, not tabs" if tab else "fix the YAML there")


def _line_and_column(mark: yaml.Mark | _yaml.Mark | None) -> tuple[int, int]:
    return (mark.line, mark.column) if mark else (0, 0)


def _fault(name: str, line: int, column: int | None, problem: str, allowed: str) -> ConfigError:
    """Make the error for a fault of the text itself; `line` and `column` count from 0, as in PyYAML."""
    place = f"line {line + 1}" + ("" if column is None else f", column {column + 1}")
    return ConfigError([f"{name}: {place}: {problem}; {allowed}"], where=Where(file=name, position=place))


class _Builder:
    """A constructor of values like PyYAML's safe one, which continues after a fault and knows each value's path."""

    def __init__(self, loader: yaml.SafeLoader, problems: Problems) -> None:
        self._loader = loader
        self._problems = problems
        self._values: dict[int, object] = {}
        self._open: set[int] = set()

    def value(self, node: Node, path: str) -> object:
        """Return the value of a node, built once for all of its aliases."""
        if id(node) in self._open:
            return self._broken(path, "found an alias of a value that contains it", "write the value out")
        if id(node) not in self._values:
            self._open.add(id(node))
            self._values[id(node)] = self._build(node, path)
            self._open.remove(id(node))
        return self._values[id(node)]

    def _build(self, node: Node, path: str) -> object:
        if isinstance(node, ScalarNode) and node.tag in _SCALARS:
            return self._scalar(node, path)
        if isinstance(node, SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(item, f"{path}[{at}]") for at, item in enumerate(node.value)]
        if isinstance(node, MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, path)
        if isinstance(node, ScalarNode) and node.tag in (f"{_TAG}value", f"{_TAG}merge"):
            return self._broken(path, f"{quote(node.value)} has a special meaning in YAML", "put it in quotes")
        tag = node.tag.replace(_TAG, "!!")
        return self._broken(path, f"the tag {quote(tag)} is not known here", "write the value itself")

    def _scalar(self, node: ScalarNode, path: str) -> object:
        try:
            return self._loader.construct_object(node)
        # YAML's patterns allow more than Python's conversions: 2026-02-30, 0b_, !!int x, !!bool x.
        except (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError):
            kind = node.tag.removeprefix(_TAG)
            return self._broken(path, f"{quote(node.value)} looks like a {kind} but is not one", "put text in quotes")

    def _mapping(self, node: MappingNode, path: str) -> dict[object, object]:
        self._check_duplicates(node, path)
        try:
            self._loader.flatten_mapping(node)
        except yaml.constructor.ConstructorError:
            self._broken(path, 'the key "<<" merges something that is not a mapping', "write an alias of a mapping")
        mapping: dict[object, object] = {}
        for key_node, value_node in _entries(node):
            key = self._key(key_node, path)
            value = self.value(value_node, _key_path(key_node, path))
            if key is not BROKEN:
                mapping[key] = value
        return mapping

    def _check_duplicates(self, node: MappingNode, path: str) -> None:
        lines: dict[object, int] = {}
        for key_node, _ in _entries(node):
            key, line = self._key(key_node, path), key_node.start_mark.line + 1
            if key is BROKEN:
                continue
            if key in lines:
                problem = f"is set twice, on lines {lines[key]} and {line}"
                self._broken(_key_path(key_node, path), problem, "keep one of them")
            lines[key] = line

    def _key(self, node: Node, path: str) -> object:
        if isinstance(node, ScalarNode):
            return self.value(node, path)
        if id(node) not in self._values:
            self._values[id(node)] = self._broken(path, "a list or mapping is used as a key", "put it in quotes")
        return BROKEN

    def _broken(self, path: str, problem: str, allowed: str) -> object:
        self._problems.fault(path, problem, allowed)
        return BROKEN


def _key_path(key: Node, path: str) -> str:
    return child_path(path, key.value) if isinstance(key, ScalarNode) else path


def _entries(node: MappingNode) -> list[tuple[Node, Node]]:
    """Return the mapping's own keys and values, without the merge key."""
    return [(key, value) for key, value in node.value if key.tag != f"{_TAG}merge"]
