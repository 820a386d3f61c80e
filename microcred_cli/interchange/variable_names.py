"""Variable names that SPSS, Stata, R, SQL and spreadsheets accept."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 28
"""The maximum length of a name: less than Stata's limit of 32, as value-label names are longer."""

_OF_SPSS: Final = "all and by eq ge gt le lt ne not or to with"
_OF_STATA: Final = (
    "byte double float if in int long str strl using _all _b _coef _cons _n _pi _pred _rc _skip"
)
_RESERVED: Final = frozenset(f"{_OF_SPSS} {_OF_STATA}".split())
"""Words that SPSS or Stata does not accept as names."""
_STRING_TYPE: Final = re.compile(r"str\d+")


class VariableNames:
    """Assigns variable names that are unique even if case is ignored."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, item: str, part: str = "", position: int = 0) -> str:
        """The variable name for an item, or for its part at this position (counted from 1)."""
        whole = f"{item}_{part}" if part else item
        if len(whole) > LONGEST:
            whole = _shortened(whole, position)
        if whole.casefold() in _RESERVED or _STRING_TYPE.fullmatch(whole.casefold()):
            whole = f"{whole}_1"
        number = position
        found = whole
        while found.casefold() in self._taken:
            number += 1
            found = _shortened(whole, number)
        self._taken.add(found.casefold())
        return found


def _shortened(name: str, number: int) -> str:
    """Shorten a name, and append a number of at least two digits."""
    end = f"_{number:02d}"
    return name[: LONGEST - len(end)] + end
