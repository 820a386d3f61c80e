"""HTML pages from templates, self-contained and without scripts."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def page(name: str) -> Template:
    """The template with this name; all inserted text is escaped."""
    environment = Environment(
        loader=PackageLoader("microcred_cli.interchange", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(name)
