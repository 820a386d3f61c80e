"""The quality figures of the last seal and the times of a pilot, for `microcred check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from microcred_cli.summary.item_times import band_names, protected_times
from microcred_cli.summary.quality import FLAGGED_NONRESPONSE, item_nonresponse
from microcred_cli.summary.rule import MASKED_BELOW, SMALLEST_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.evaluation.times import TimesFound
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Figures, Quality, Share
    from microcred_cli.summary.quality import ItemNonresponse

HEADING: Final = (
    "Quality of the sealed responses, as of the last seal (figures are protected as in summaries; "
    "review the figures marked with !, but do not delete responses because of them):"
)
HIDDEN: Final = "–"
NONE: Final = "Quality figures: none yet; they are computed once at least ten responses are sealed."


def quality_lines(figures: Figures | None) -> Iterator[str]:
    """The quality figures as lines of text; only items with flagged nonresponse are listed."""
    if figures is None or figures.quality is None:
        yield NONE
        return
    yield HEADING
    yield from _share_lines(figures.quality)
    found = list(item_nonresponse(figures))
    flagged = [each for each in found if each.is_flagged]
    yield (
        f"  Items with nonresponse of {FLAGGED_NONRESPONSE} % or more: "
        f"{len(flagged)} of {len(found)} (all items: --format json)"
    )
    for each in flagged:
        parts = ", ".join(f"{code} {_figure(count)}" for code, count in each.codes.items())
        yield f"! {_name(each)}: {each.percent} % ({parts}; answered: {_figure(each.base)})"


def _share_lines(quality: Quality) -> Iterator[str]:
    yield _share_line("Interviews under 15 minutes", quality.short)
    for item, share in quality.straight.items():
        yield _share_line(f"Same answer in every row of {item}", share)


def _share_line(label: str, share: Share | None) -> str:
    if share is None:
        return f"  {label}: withheld, because it could reveal answers"
    least = " or more" if share.at_least else ""
    part = "" if share.percent is None else f" ({share.percent} %{least})"
    sign = "!" if share.is_flagged else " "
    return f"{sign} {label}: {_figure(share.count)}{least} of {_figure(share.base)}{part}"


def _figure(count: int | None) -> str:
    return f"<{MASKED_BELOW}" if count is None else str(count)


def _name(each: ItemNonresponse) -> str:
    return each.item if each.row is None else f"{each.item}, row {each.row}"


def quality_report(figures: Figures | None) -> dict[str, object] | None:
    """The quality figures as a JSON-compatible object; None if there are none."""
    if figures is None or figures.quality is None:
        return None
    straight = figures.quality.straight.items()
    return {
        "responses": figures.responses,
        "under_15_minutes": _share_object(figures.quality.short),
        "straight_lines": [{"item": item, **_share_object(share)} for item, share in straight],
        "item_nonresponse": [
            {**each.model_dump(), "flagged": each.is_flagged} for each in item_nonresponse(figures)
        ],
    }


def _share_object(share: Share | None) -> dict[str, object]:
    if share is None:
        return {"withheld": True, "base": None, "count": None}
    found = share.model_dump()
    return {"withheld": False, **found, "percent": share.percent, "flagged": share.is_flagged}


def times_lines(found: TimesFound | None, questionnaire: Questionnaire) -> Iterator[str]:
    """The times of a pilot as lines of text; empty if there are no times."""
    if found is None:
        return
    yield f"Times of the pilot: {len(found.ids)} interviews sealed, {found.waiting} waiting"
    if not found.ids:
        return
    yield (
        f"  Interviews by seconds per item ({', '.join(band_names())}), protected as in summaries "
        f"({HIDDEN}: fewer than {SMALLEST_GROUP}, or a small number could be worked out):"
    )
    for item, row in _protected(found, questionnaire).items():
        yield f"  {item}: {HIDDEN if row is None else '  '.join(map(_figure, row))}"


def times_report(
    found: TimesFound | None, questionnaire: Questionnaire
) -> dict[str, object] | None:
    """The times of a pilot as a JSON-compatible object; None if there are no times."""
    if found is None:
        return None
    rows = _protected(found, questionnaire)
    return {
        "sealed": len(found.ids),
        "waiting": found.waiting,
        "seconds": [*band_names()],
        "items": [
            {"item": item, "withheld": row is None, "counts": [*(row or ())]}
            for item, row in rows.items()
        ],
    }


def _protected(
    found: TimesFound, questionnaire: Questionnaire
) -> dict[str, tuple[int | None, ...] | None]:
    conditional = {item.id for item in questionnaire.items if item.asked_if is not None}
    return protected_times(found.items, len(found.ids), conditional)
