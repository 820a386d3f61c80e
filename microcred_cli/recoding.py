"""Global recoding: the coarse code or band that a response keeps instead of a fine one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.questionnaire.models import Integer, Multiple, Single

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.answers import Answer
    from microcred_cli.questionnaire.models import Band, Item, Recode


def recode(item: Item, answer: Answer) -> Answer:
    """What is stored of an answer; unchanged where the item has no `stored_as`.

    A list loses repeats and takes the order of the coarse codes. Reserved codes pass.
    """
    if isinstance(item, Integer) and item.stored_as and isinstance(answer, int):
        return _band(item.stored_as, answer)
    if isinstance(item, Single | Multiple) and item.stored_as:
        coarse = coarse_codes(item.stored_as)
        if isinstance(answer, str):
            return coarse.get(answer, answer)
        if isinstance(answer, tuple):
            found = {coarse[code] for code in answer}
            return tuple(part.code for part in item.stored_as if part.code in found)
    return answer


def coarse_codes(parts: Sequence[Recode]) -> dict[str, str]:
    """The coarse code of each fine one."""
    return {fine: part.code for part in parts for fine in part.fine}


def _band(bands: Sequence[Band], number: int) -> str:
    for band in bands:
        if band.min <= number and (band.max is None or number <= band.max):
            return band.code
    raise ValueError("no band holds the number; the definition's lint sees to that")
