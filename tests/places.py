"""State folders in which the built-in questionnaire has already been checked, to save time."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.questionnaire import BUILT_IN, loading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.questionnaire.loading import Loaded

_REALLY_LOAD = loading.load


@cache
def built_in() -> Loaded:
    """The built-in questionnaire."""
    return _REALLY_LOAD(BUILT_IN)


def _load(source: str | Path, **how: Any) -> Loaded:
    """The built-in questionnaire, read only once; any other one is loaded as usual."""
    return built_in() if source == BUILT_IN and not how else _REALLY_LOAD(source, **how)


def load_once(patch: pytest.MonkeyPatch) -> None:
    """Make the program in this process read the built-in questionnaire only once."""
    for name, module in list(sys.modules.items()):
        is_user = name.startswith("microcred_cli.") and module is not loading
        if is_user and getattr(module, "load", None) is _REALLY_LOAD:
            patch.setattr(module, "load", _load)


@cache
def _left_by_a_check() -> Mapping[Path, bytes]:
    """The files that a check of the built-in questionnaire leaves in a state folder."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv(loading.STATE_VARIABLE, folder)
        _REALLY_LOAD(BUILT_IN, always_lint=True)
        state = Path(folder)
        files = [path for path in state.rglob("*") if path.is_file()]
        return {path.relative_to(state): path.read_bytes() for path in files}


def checked(state: Path) -> None:
    """Copy the files left by a check of the built-in questionnaire to a state folder."""
    for name, data in _left_by_a_check().items():
        path = state / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(data)
