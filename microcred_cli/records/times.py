"""The times of an interview in a pilot, in coarse bands, separate from its response."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.values import NOT_ASKED, NOT_REACHED
from microcred_cli.records.formats import NOT_SHOWN, TIME_BANDS
from microcred_cli.records.receipts import times_id
from microcred_cli.records.shapes import Times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.records.shapes import Response


def band_of(seconds: float) -> int:
    """The number (from 1) of the band that contains this number of seconds."""
    return bisect_right(TIME_BANDS, seconds) + 1


def times_of(response: Response, seconds: Mapping[str, float], receipt: str) -> Times:
    """The times of the items that were shown in the interview of this response."""
    return Times(
        times_id=times_id(receipt),
        questionnaire=response.questionnaire,
        bands={
            item: NOT_SHOWN
            if answer in (NOT_ASKED, NOT_REACHED) or item not in seconds
            else band_of(seconds[item])
            for item, answer in response.answers.items()
        },
        synthetic=response.synthetic,
    )
