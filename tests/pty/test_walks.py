"""Whole interviews in a real terminal: every route on the narrowest, two routes on larger ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from microcred_cli.records.receipts import response_id
from tests.harness import Terminal
from tests.pty.walker import ROUTES, Walker, new_pages

if TYPE_CHECKING:
    from pathlib import Path

NARROW = (40, 20)
"""Here every option is viewed, on the first route that contains its page."""

WALKS = (
    *((route, NARROW) for route in ROUTES),
    *((route, (60, 20)) for route in ("representative-unaware",)),
    *((route, (80, 24)) for route in ("employer-provides",)),
)


@pytest.mark.parametrize(("route", "size"), WALKS)
def test_a_route_is_walked_to_the_receipt_and_nothing_is_cut_off(
    route: str, size: tuple[int, int], tmp_path: Path
) -> None:
    with Terminal("respond", folder=tmp_path, columns=size[0], rows=size[1]) as terminal:
        looks = new_pages(route) if size == NARROW else ()
        walker = Walker(terminal, {"consent": "yes", **ROUTES[route]}, looks=looks)
        receipt = walker.begin().to_review().submit()
        assert terminal.finish() == 0
        (response,) = terminal.stored()
    assert response["status"] == "complete"
    assert response["answers"]["org_role"] == ROUTES[route]["org_role"]
    assert response["response_id"] == response_id(receipt[:-1])
    assert not terminal.draft()
