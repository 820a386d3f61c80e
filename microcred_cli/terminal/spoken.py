"""Texts that an asker is given: the same in all languages, or made for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

InLanguages = Sequence[T] | Callable[[str], Sequence[T]]
"""Texts, or what gives them for the code of a language."""


def said_in(language: str, texts: InLanguages[T]) -> Sequence[T]:
    """The texts in a language."""
    return texts(language) if callable(texts) else texts
