"""Parser from YAML text to a tree of nodes with line numbers, which also reports syntax faults.

The parser follows YAML 1.2 (core schema). Anchors, tags, directives and multiple documents are
reported as faults, as are scalars that YAML 1.1 reads differently. Parser events are consumed one
at a time, so deep nesting and aliases cannot exhaust memory.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Self

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.faults import fault, shown
from microcred_cli.questionnaire.yaml import MOST_BYTES
from microcred_cli.questionnaire.yaml.hints import explain
from microcred_cli.questionnaire.yaml.scalars import core_value, is_ambiguous

MOST_DEPTH: Final = 40
"""The maximum nesting depth."""

MOST_NODES: Final = 100_000
"""The maximum number of keys and values."""

UNKNOWN: Final = object()
"""The value of a node whose fault has been reported and must not cause further reports."""

_MERGE = "<<"
_WRITE_OUT = "Write the content out, without anchors and aliases."
_QUOTE = "Put the value in quotation marks."
# Matches characters that YAML forbids, and line breaks that only YAML 1.1 recognises.
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_HALF = re.compile("[\ud800-\udfff]")
_TAB_AFTER_KEY = re.compile(
    r"""^([ ]*(?:-[ ]+)*(?:[\w.-]+|"[^"\n]*"|'[^'\n]*'):)[ ]*\t[ \t]*""", re.MULTILINE
)
"""Matches a key that is separated from its value by a tab, as YAML 1.2 allows."""


@dataclass(slots=True)
class Node:
    """A value with its line number: a scalar, a list of nodes, or a mapping of keys to nodes.

    A value in a mapping also has the line number of its key. The accessors never fail: if the value
    is absent or of another type, they return None or an empty result. `lint.shape` reports wrong
    types.
    """

    value: Any
    line: int
    key_line: int = 0

    def get(self, key: str) -> Self | None:
        """The node under a key, if this node is a mapping."""
        found: Self | None = self.value.get(key) if isinstance(self.value, dict) else None
        return found

    def text(self, key: str) -> str | None:
        """The string under a key."""
        node = self.get(key)
        return node.value if node is not None and isinstance(node.value, str) else None

    def word(self, key: str) -> str | None:
        """The value under a key as a string, even if it is an unquoted number or boolean."""
        node = self.get(key)
        return None if node is None else node.as_word()

    def as_word(self) -> str | None:
        """The value of a scalar node as a string."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return str(self.value) if isinstance(self.value, str | int) else None

    def number(self, key: str) -> int | None:
        """The integer under a key."""
        node = self.get(key)
        return node.value if node is not None and type(node.value) is int else None

    def flag(self, key: str) -> bool:
        """True if the value under a key is the boolean true."""
        node = self.get(key)
        return node is not None and node.value is True

    def nodes(self, key: str) -> list[Self]:
        """The entries of the list under a key."""
        node = self.get(key)
        return list(node.value) if node is not None and isinstance(node.value, list) else []

    def mappings(self, key: str) -> list[Self]:
        """The entries of the list under a key that are mappings."""
        return [node for node in self.nodes(key) if isinstance(node.value, dict)]

    def texts(self, key: str) -> list[tuple[str, int]]:
        """The strings in the list under a key, with their line numbers."""
        return [(node.value, node.line) for node in self.nodes(key) if isinstance(node.value, str)]

    def words(self, key: str) -> list[tuple[str, int]]:
        """The scalars in the list under a key, as strings with line numbers."""
        found = [(node.as_word(), node.line) for node in self.nodes(key)]
        return [(word, line) for word, line in found if word is not None]

    def pairs(self, key: str) -> list[tuple[str, Self]]:
        """The keys and nodes of the mapping under a key."""
        node = self.get(key)
        return list(node.value.items()) if node is not None and isinstance(node.value, dict) else []

    def line_of(self, key: str) -> int:
        """The line of the value under a key, or of this node if the key is absent."""
        node = self.get(key)
        return self.line if node is None else node.line

    def walk(self, owner: str | None = None) -> Iterator[tuple[Self, str | None]]:
        """Every node of the tree, each with the id of the part that contains it."""
        owner = self.text("id") or owner
        yield self, owner
        if isinstance(self.value, dict | list):
            for part in self.value.values() if isinstance(self.value, dict) else self.value:
                yield from part.walk(owner)

    def plain(self) -> Any:
        """The tree as plain Python data."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read_tree(text: str) -> tuple[Node | None, list[Fault]]:
    """Parse a text; return the tree (None if there is none) and the syntax faults."""
    reader = _Reader()
    try:
        reader.read(text)
    except _Stopped:
        return None, reader.faults
    return reader.root, reader.faults


class _Stopped(Exception):  # noqa: N818 - the reason is among the faults
    """Raised if the parser cannot continue."""


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being read; `key` is the key of the next value."""

    node: Node
    key: str | None = None
    key_line: int = 0
    wants_key: bool = False


@dataclass(slots=True)
class _Reader:
    """Builds the tree from parser events."""

    faults: list[Fault] = field(default_factory=list)
    root: Node | None = None
    _frames: list[_Frame] = field(default_factory=list)
    _documents: int = 0
    _nodes: int = 0

    def read(self, text: str) -> None:
        """Parse a complete text.

        Raises:
            _Stopped: there is no tree; the reason is among the faults.
        """
        if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            self._stop(
                "Q004", None, "The file is larger than 2 MiB.", "Reduce the size of the file."
            )
        for event in self._events(self._printable(text)):
            self._take(event)
            if self._documents > 1:
                break
        if self.root is None and not self.faults:
            self._stop("Q006", 1, "The file is empty.", "Add the questionnaire definition.")

    def _complain(self, code: str, line: int | None, message: str, hint: str) -> None:
        self.faults.append(fault(code, line, None, message, hint))

    def _stop(self, code: str, line: int | None, message: str, hint: str) -> None:
        self._complain(code, line, message, hint)
        raise _Stopped

    def _printable(self, text: str) -> str:
        """Replace and report forbidden characters."""
        for number, line in enumerate(text.split("\n"), 1):
            found = _UNPRINTABLE.search(line)
            if found is not None:
                sign = f"U+{ord(found[0]):04X}"
                message = f"The line contains the forbidden character {sign}."
                self._complain("Q079", number, message, "Remove the character.")
        return _UNPRINTABLE.sub("\ufffd", text)

    def _events(self, text: str) -> Iterator[Any]:
        """The events of the YAML parser, up to the first error.

        Because arbitrary text is passed to the parser library, any exception that it raises counts
        as a syntax error.
        """
        from ruamel.yaml import YAML

        events = YAML(typ="safe", pure=True).parse(_TAB_AFTER_KEY.sub(r"\1 ", text))
        while True:
            try:
                event = next(events, None)
            except Exception as error:
                problem = str(getattr(error, "problem", None) or "")
                message, hint, line = explain(text, problem, _line_of_error(error))
                self._stop("Q001", line, message, hint)
            else:
                if event is None:
                    return
                yield event

    def _take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        match type(event).__name__:
            case "DocumentStartEvent":
                self._document(event, line)
            case "AliasEvent":
                message = f"The alias {shown(event.anchor)} is not allowed."
                self._complain("Q003", line, message, _WRITE_OUT)
                self._place(Node(UNKNOWN, line))
            case "ScalarEvent":
                self._unadorned(event, line)
                self._scalar(event, line)
            case "SequenceStartEvent":
                self._unadorned(event, line)
                self._open(Node([], line))
            case "MappingStartEvent":
                self._unadorned(event, line)
                self._open(Node({}, line))
            case "SequenceEndEvent" | "MappingEndEvent":
                self._frames.pop()
            case _:
                pass  # the end of a document or of the stream

    def _document(self, event: Any, line: int) -> None:
        self._documents += 1
        if event.version or event.tags:
            self._complain("Q003", line, "YAML directives (%) are not allowed.", "Remove the line.")
        if self._documents > 1:
            message = "A second YAML document begins here."
            self._complain("Q006", line, message, "Keep one document in the file.")

    def _unadorned(self, event: Any, line: int) -> None:
        """Report an anchor or a tag."""
        if event.anchor:
            self._complain(
                "Q003", line, f"The anchor {shown(event.anchor)} is not allowed.", _WRITE_OUT
            )
        if event.tag:
            self._complain(
                "Q003", line, f"The tag {shown(event.tag)} is not allowed.", "Remove the tag."
            )

    def _scalar(self, event: Any, line: int) -> None:
        plain = event.style in (None, "") and not event.tag
        text = self._whole(str(event.value), line)
        is_key = bool(self._frames) and self._frames[-1].wants_key
        if plain and is_ambiguous(text) and not (is_key and text == _MERGE):
            message = f"YAML 1.1 and 1.2 read {shown(text)} differently."
            self._complain("Q005", line, message, _QUOTE)
        value = core_value(text) if plain else text
        if is_key:
            self._key(text, value, line)
        else:
            self._place(Node(value, line))

    def _whole(self, text: str, line: int) -> str:
        """Replace and report lone surrogates in a scalar; escape sequences can produce them."""
        if not _HALF.search(text):
            return text
        message = "The text contains half of a character (a lone surrogate)."
        self._complain(
            "Q079", line, message, "Replace the escape sequence with the character itself."
        )
        return _HALF.sub("\ufffd", text)

    def _key(self, text: str, value: object, line: int) -> None:
        frame = self._frames[-1]
        frame.wants_key, frame.key, frame.key_line = False, text, line
        if text == _MERGE:
            self._complain("Q003", line, "Merge keys (<<) are not allowed.", _WRITE_OUT)
            frame.key = None
        elif not isinstance(value, str):
            self._complain(
                "Q012",
                line,
                f"The key {shown(text)} is not a string.",
                "Put the key in quotation marks.",
            )
        if text in frame.node.value:
            message = f"The key {shown(text)} appears twice."
            self._complain("Q002", line, message, "Remove one of the two keys.")
            frame.key = None

    def _open(self, node: Node) -> None:
        if len(self._frames) >= MOST_DEPTH:
            message = f"The nesting is deeper than {MOST_DEPTH} levels."
            self._stop("Q004", node.line, message, "Reduce the nesting.")
        if self._frames and self._frames[-1].wants_key:
            self._complain("Q012", node.line, "A key is not a string.", "Use a string as the key.")
            self._frames[-1].wants_key, self._frames[-1].key = False, None
        else:
            self._place(node)
        self._frames.append(_Frame(node, wants_key=isinstance(node.value, dict)))

    def _place(self, node: Node) -> None:
        """Add a node to the list or mapping that is being read."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            message = f"The file has more than {MOST_NODES:,} values."
            self._stop("Q004", node.line, message, "Reduce the size of the file.")
        if not self._frames:
            self.root = node
            return
        frame = self._frames[-1]
        if isinstance(frame.node.value, list):
            frame.node.value.append(node)
        elif frame.wants_key:
            frame.wants_key, frame.key = False, None
            return
        elif frame.key is not None:
            node.key_line = frame.key_line
            if node.value is None:  # the parser places an empty scalar where the next token begins
                node.line = frame.key_line
            frame.node.value[frame.key] = node
        frame.wants_key = isinstance(frame.node.value, dict)


def _line_of_error(error: Exception) -> int | None:
    begin, end = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    is_at_end = "stream" in str(getattr(error, "problem", ""))
    mark = begin if begin is not None and (is_at_end or end is None) else end
    return None if mark is None else mark.line + 1
