"""HTML pages from templates, self-contained and without scripts."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from jinja2 import Template


def page(path: str) -> Template:
    """The template with this path in the package; it escapes all text."""
    return _environment().get_template(path)


def in_css(text: str) -> str:
    """Escape a text for a quoted string in CSS, except for letters and digits."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("microcred_cli", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
