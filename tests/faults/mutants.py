"""Mutants: copies of the program with a deliberate fault, which the tests must detect."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def no_file_sync() -> None:
    """Written data is not synced."""
    from microcred_cli.files import atomic

    vars(atomic)["sync"] = lambda _: None


def no_folder_sync() -> None:
    """The entries of a folder are not synced."""
    from microcred_cli.files import atomic, durability

    for module in (durability, atomic):
        vars(module)["sync_folder"] = lambda *_, **__: None


def draft_removed_first() -> None:
    """The draft is removed before the response is stored."""
    from microcred_cli.session.session import Session
    from microcred_cli.store.folder import Responses

    store = Responses.store
    begun: list[Any] = []
    initialise = Session.__init__

    @functools.wraps(initialise)
    def remember(self: Session, *kept: Any, **more: Any) -> None:
        begun.append(self)
        initialise(self, *kept, **more)

    def remove_and_store(self: Responses, *records: Any) -> Path:
        begun[-1].delete_draft()
        return store(self, *records)

    for kind, name, instead in (
        (Session, "__init__", remember),
        (Responses, "store", remove_and_store),
    ):
        setattr(kind, name, instead)


def acknowledged_before_saved() -> None:
    """The next question is shown before the previous answer is saved."""
    from microcred_cli.session.session import Session

    keep = Session.keep
    later: list[Any] = []

    def put_off(self: Session, interview: Any) -> None:
        if later:
            keep(self, later.pop())
        later.append(interview)

    instead: Any = put_off
    Session.keep = instead  # type: ignore[method-assign]


def response_in_place() -> None:
    """A response is written piece by piece under its final name."""
    from microcred_cli import files

    def write(path: Path, data: bytes, **_: Any) -> bool:
        with path.open("wb", buffering=0) as file:
            for start in range(0, len(data), 100):
                file.write(data[start : start + 100])
            os.fsync(file.fileno())
        return True

    vars(files)["create_durably"] = write


MUTANTS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        no_file_sync,
        no_folder_sync,
        draft_removed_first,
        acknowledged_before_saved,
        response_in_place,
    )
}


def main() -> None:
    """Run the program with one fault."""
    from microcred_cli.__main__ import main as run

    MUTANTS[sys.argv.pop(1)]()
    run()


if __name__ == "__main__":
    main()
