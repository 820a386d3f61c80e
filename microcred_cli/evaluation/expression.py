"""The expression that adds up exact counts; Narwhals translates it for each engine.

The expression uses only operations that give the same numbers on all engines: flags that are 0 or
1, `list.contains` in place of `explode`, and sums of flags by combination of groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from microcred_cli.evaluation.columns import Columns, Flag

_EVERYONE: Final = "everyone"
_PEOPLE: Final = "people"


def counted(table: Any, columns: Columns) -> Any:
    """The counts of a lazy table with these columns, as a lazy table of the same engine.

    Each row has the groups of a combination, the number of people in it, and the sum of each flag.
    """
    import narwhals as nw

    # Generated names, because a column of the questionnaire can have any name.
    groups = {f"g{number}": column.name for number, column in enumerate(columns.groups)}
    flags = {f"n{number}": _flag(flag) for number, flag in enumerate(columns.flags)}
    sums = [nw.col(name).sum().cast(nw.Int64).alias(f"sum_{name}") for name in flags]
    return (
        nw.from_native(table)
        .lazy()
        .select(
            *(nw.col(name).alias(own) for own, name in groups.items()),
            nw.lit(1).alias(_EVERYONE),
            *(flag.alias(own) for own, flag in flags.items()),
        )
        .group_by(*groups or [_EVERYONE])
        .agg(nw.col(_EVERYONE).sum().cast(nw.Int64).alias(_PEOPLE), *sums)
        .select(*groups, _PEOPLE, *(f"sum_{name}" for name in flags))
        .to_native()
    )


def _flag(flag: Flag) -> Any:
    """1 in the rows that are counted, and 0 in all others."""
    import narwhals as nw

    column = nw.col(flag.column.name)
    if flag.below is not None:
        is_counted = column < flag.below
    elif flag.code is None:
        is_counted = ~column.is_null()
    elif flag.column.kind == "codes":
        is_counted = column.list.contains(flag.code)
    else:
        is_counted = column == flag.code
    return nw.when(is_counted).then(nw.lit(1)).otherwise(nw.lit(0))
