"""Hostile texts in every place that can contain user input."""

from __future__ import annotations

import hashlib
import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from microcred_cli.questionnaire.loading import _kept_file, canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.program import Place

ACTING = (
    "\x1b]52;c;aGk=\x07",
    "\x1b]52;c;aGk=\x1b\\",
    "\x1b]0;title\x07",
    "\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H",
    "\x1b[31mred\x1b[0m",
    "\x1b[?1049l",
    "\x1b[6n",
    "\x1bc",
    '\x1bP$q"p\x1b\\',
    "\x9b2J",
    "\x9d52;c;aGk=\x9c",
    "\x90x\x9c",
    "\x85",
    "a\x00b",
    "a\x7fb",
    "a\x08\x08\x08b",
    "a\rb",
    "a\x0bb\x0cc",
    "\u202eabc\u202c",
    "\u2066abc\u2069",
    "\u200b\u200d\u2060\ufeff",
    "\U000e0041\U000e0042",
    "z" + "\u0337\u0341\u034f\u0489" * 20,
    "[red]x[/red]",
    "a [/b] c",
    "[link=https://example.org]x[/link]",
    ":smile: [bold]",
    "{0} {value} %s %(a)s {",
    "<script>alert(1)</script>",
    "a | b ` c * d _ e",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\u3000=1",
    "＝1",
    "﹢1",
    "'=1",
    '"=1',
    ",=1",
)
"""Texts with special meaning to a terminal, in markup, in a spreadsheet or on a web page."""


def definition(texts: Sequence[str], *, each: int = 12) -> dict[str, Any]:
    """A questionnaire with these strings as questions, helps and labels, spread over its items."""
    items = [_item(number, texts[number : number + each]) for number in range(0, len(texts), each)]
    first = texts[0]
    return {
        "format": "microcred-questionnaire/1",
        "id": "naughty",
        "version": "1.0.0",
        "language": "en",
        "title": f"A title {first}",
        "short_title": f"Title {first}",
        "rights": first,
        "background": {
            "written": [{"kind": "paragraph", "sentences": [{"text": text} for text in texts]}],
            "read_aloud": [{"text": text} for text in texts],
        },
        "definition": {"title": first, "text": "\n".join(texts[:40])},
        "closing": {"complete": first, "refused": first},
        "sections": [
            {"id": "start", "label": first, "items": [_consent()]},
            {
                "id": "body",
                "label": f"Body {first}",
                "lead_in": first,
                "makes_partial": True,
                "items": [*items, _open(first)],
            },
        ],
    }


def _item(number: int, texts: Sequence[str]) -> dict[str, Any]:
    return {
        "id": f"q{number}",
        "kind": "multiple",
        "concept": "c",
        "required": "soft",
        "seconds": 10,
        "text": f"{texts[0]} ({number})",
        "help": texts[-1],
        "note": texts[-1],
        "instruction": texts[0],
        "missing": ["dk"],
        "options": [
            # Alone, so that the text is at the beginning of a cell.
            {"code": f"o{number + place}", "label": text or "(empty)"}
            for place, text in enumerate(texts)
        ],
    }


def _consent() -> dict[str, Any]:
    return {
        "id": "consent",
        "kind": "single",
        "concept": "consent",
        "required": "hard",
        "seconds": 10,
        "text": "Do you take part?",
        "options": [
            {"code": "yes", "label": "Yes"},
            {"code": "no", "label": "No", "ends": "refused"},
        ],
    }


def _open(text: str) -> dict[str, Any]:
    return {
        "id": "words",
        "kind": "open",
        "concept": "c",
        "required": "optional",
        "seconds": 10,
        "text": f"{text} words",
        "max_length": 500,
    }


def as_yaml(value: object) -> str:
    """A value as JSON that is also YAML: invisible characters are escaped."""
    shown = json.dumps(value, ensure_ascii=False, indent=1)
    return "".join(c if c.isprintable() or c == "\n" else _number(c) for c in shown)


def _number(character: str) -> str:
    point = ord(character)
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def write(place: Place, name: str, texts: Sequence[str]) -> str:
    """Write a definition with these texts, marked as checked; returns its path.

    The check would refuse most of them, so later stages are tested without it.
    """
    path = place.write(name, as_yaml(definition(texts)))
    kept = _kept_file((place.folder / name).read_bytes())
    assert kept is not None
    kept.parent.mkdir(parents=True, exist_ok=True)
    source = canonical(definition(texts)).encode()
    kept.write_bytes(hashlib.sha256(source).hexdigest().encode() + b"\n" + source)
    return path


class Tags(HTMLParser):
    """The tags and attributes of a page, without its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Record the tag with the names of its attributes."""
        self.found.append((tag, tuple(name for name, _ in attributes)))
