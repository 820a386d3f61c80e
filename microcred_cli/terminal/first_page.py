"""Work that is postponed until the first page is visible, so that the page appears sooner."""

import gc
from contextlib import suppress
from functools import cache

from microcred_cli.records.shapes import Draft, Response


@cache
def load_pydantic_in_background() -> None:
    """Load pydantic, which checks the records, once the first page has been shown.

    Later calls do nothing. The garbage collector is switched on again, but does not examine the
    objects loaded so far, which never become garbage.
    """
    gc.freeze()
    gc.enable()
    from threading import Thread

    Thread(target=_load, name="pydantic").start()


def _load() -> None:
    # Ignore errors here: they would be raised again when the first record is checked.
    with suppress(Exception):
        for record in (Draft, Response):
            record.prepare_checks()
