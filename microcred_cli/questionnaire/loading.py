"""Loading of questionnaires: find the file, check it once, and cache the result.

Because YAML parsing and the lint take longer than the rest of start-up, the canonical JSON of a
definition without faults is cached with its hash in the user's cache folder. Cached JSON is read
without pydantic, which is slow to import. The cache key is derived from the content of the file,
the models, the revision of the lint and the version of the program.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from microcred_cli import __version__
from microcred_cli.errors import DefinitionError, Fault, StoreError, UsageError
from microcred_cli.files import MissingError, as_store_error, write_quickly
from microcred_cli.files.reading import NotTextError, TooLongError, as_text, read_edited, read_file
from microcred_cli.frozen import Frozen
from microcred_cli.questionnaire.base_model import shape_of
from microcred_cli.questionnaire.yaml import MOST_BYTES
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from microcred_cli.questionnaire.languages import Languages
    from microcred_cli.questionnaire.models import Questionnaire

FILE_NAME: Final = "questionnaire.yaml"
"""The name of the definition file in the folder of a questionnaire."""

RULES: Final = 6
"""A number that is incremented with each change to the lint, the YAML reader or canonical JSON, to
invalidate the cache."""

STATE_VARIABLE: Final = "MICROCRED_STATE"
"""The environment variable for the folder in which the program stores all its data."""

_PACKAGE: Final = Path(__file__).parent.parent
_MOST_KEPT: Final = 4 * MOST_BYTES
_MOST_CACHED: Final = 20


class Loaded(Frozen):
    """A questionnaire with its canonical JSON and hash.

    `source` is the canonical JSON of the parsed definition (sorted keys, no spaces) and `sha256`
    its hash. `path` is None if the questionnaire was not loaded from a file. `kept_texts` has the
    translations stored with the questionnaire, by language and key.
    """

    questionnaire: Questionnaire
    sha256: str
    source: str
    path: Path | None = None
    kept_texts: Mapping[str, Mapping[str, str]] = MappingProxyType({})

    @cached_property
    def languages(self) -> Languages:
        """The questionnaire in each of its languages, starting with the source language."""
        from microcred_cli.questionnaire.languages import Languages

        return Languages(self.source, self.questionnaire, self.path, self.kept_texts)


def available() -> tuple[str, ...]:
    """The ids of the questionnaires distributed with the program."""
    found = [path for folder in _shipped_folders() for path in folder.glob(f"*/{FILE_NAME}")]
    return tuple(sorted({path.parent.name for path in found}))


def find(id_or_file: str) -> Path:
    """Find a questionnaire file by the id of a bundled questionnaire, or by a file or folder path.

    Raises:
        UsageError: there is no such questionnaire.
    """
    candidates = [Path(id_or_file), Path(id_or_file, FILE_NAME)]
    if id_or_file.replace("_", "").isalnum():
        shipped = [folder / id_or_file / FILE_NAME for folder in _shipped_folders()]
        candidates = [*shipped, *candidates]
    for path in candidates:
        if _is_there(path):
            return path
    raise UsageError(
        f"There is no questionnaire “{safe(id_or_file)}”.",
        where="--questionnaire",
        hint=f"Use one of: {', '.join(available())}; or the path of a .yaml file.",
    )


def load(source: str | Path, *, always_lint: bool = False) -> Loaded:
    """Load a questionnaire by its id or path.

    A string is an id or a path, as in `find`.

    Raises:
        UsageError: there is no questionnaire with that id or path.
        DefinitionError: the definition has faults; the error lists all of them.
        StoreError: the file cannot be read.
    """
    path = find(source) if isinstance(source, str) else source
    if path.is_dir():
        path /= FILE_NAME
    content = _read(path)
    kept = _kept_file(content)
    if kept is not None and not always_lint and (loaded := _recalled(kept, path)):
        return loaded
    loaded = _checked(content, path)
    # If caching fails, the definition is checked again at the next start.
    with suppress(OSError, StoreError):
        if kept is not None:
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_quickly(kept, f"{loaded.sha256}\n{loaded.source}".encode())
            newest_first = sorted(kept.parent.iterdir(), key=lambda each: -each.stat().st_ctime_ns)
            for outdated in newest_first[_MOST_CACHED:]:
                outdated.unlink()
    return loaded


def from_canonical(
    text: str,
    sha256: str,
    kept_texts: Mapping[str, Mapping[str, str]] | None = None,
    path: Path | None = None,
) -> Loaded:
    """Load a questionnaire from stored canonical JSON (`Loaded.source`).

    `kept_texts` are the translations stored with the questionnaire; others are read from the folder
    of `path`, the definition file.

    Raises:
        StoreError: the hash does not match, or this program cannot read the JSON.
    """
    from pydantic import ValidationError

    from microcred_cli.questionnaire.models import Questionnaire

    hint = "Use the version of microcred with which the interview began, or delete the interview."
    if _hash(text) != sha256:
        raise StoreError("The questionnaire stored with an interview is damaged.", hint=hint)
    try:
        questionnaire = Questionnaire.model_validate_json(text)
    except ValidationError:
        message = "The questionnaire stored with an interview is from another version of microcred."
        raise StoreError(message, hint=hint) from None
    return Loaded(questionnaire, sha256, text, path, kept_texts or {})


def canonical(definition: object) -> str:
    """Serialise a definition as canonical JSON: sorted keys, no spaces, and unescaped non-ASCII."""
    return json.dumps(
        definition, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def _shipped_folders() -> Iterator[Path]:
    """The folders of the bundled questionnaires in a wheel and in a checkout."""
    yield _PACKAGE / "_questions"
    if (_PACKAGE.parent / "pyproject.toml").exists():
        yield _PACKAGE.parent / "questions"


def _is_there(path: Path) -> bool:
    """True if a path exists and is not a folder."""
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except PermissionError as error:
        raise as_store_error(error, path) from None
    except (OSError, ValueError):
        return False


def _read(path: Path) -> bytes:
    try:
        return read_edited(path, MOST_BYTES)
    except MissingError:
        raise _wrong(path, [Fault("Q001", "There is no such file.", "Check the path.")]) from None
    except TooLongError:
        fault = Fault("Q004", "The file is larger than 2 MiB.", "Reduce the size of the file.")
        raise _wrong(path, [fault]) from None


def _checked(content: bytes, path: Path) -> Loaded:
    """Check the definition in a file; raise `DefinitionError` if the lint finds a fault."""
    from microcred_cli.questionnaire.lint import check
    from microcred_cli.questionnaire.models import Questionnaire

    try:
        definition, faults = check(as_text(content))
    except NotTextError as error:
        faults = (Fault("Q001", error.message, error.hint, line=error.line),)
        raise _wrong(path, faults) from None
    if faults:
        raise _wrong(path, faults)
    source = canonical(definition)
    return Loaded(Questionnaire.model_validate_json(source), _hash(source), source, path)


def _wrong(path: Path, faults: tuple[Fault, ...] | list[Fault]) -> DefinitionError:
    count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
    return DefinitionError(
        f"The questionnaire definition has {count}.",
        where=path,
        hint=f"Correct the faults, then run: microcred questionnaire check {safe(path)}",
        faults=tuple(fault.having(file=str(path)) for fault in faults),
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _kept_file(content: bytes) -> Path | None:
    """The cache file for a definition with this content; None without a cache folder."""
    from microcred_cli.questionnaire import models

    checked_by = f"{RULES} {__version__} {shape_of(models)}\n"
    digest = hashlib.sha256(checked_by.encode() + content).hexdigest()
    named = os.environ.get(STATE_VARIABLE)
    if named:
        return Path(named, "cache", "checked", digest)
    from platformdirs import user_cache_path

    try:
        return user_cache_path("microcred", appauthor=False) / "checked" / digest
    except RuntimeError:  # the location of the home folder is unknown
        return None


def _recalled(kept: Path, path: Path) -> Loaded | None:
    """Load a cached definition; None if the cache file is missing, damaged or outdated."""
    try:
        data = read_file(kept, limit=_MOST_KEPT)
        sha256, _, source = data.decode("utf-8").partition("\n")
    except (StoreError, UnicodeDecodeError):
        return None
    if _hash(source) != sha256:
        return None
    from microcred_cli.questionnaire.models import Questionnaire

    return Loaded(Questionnaire.trusted(json.loads(source)), sha256, source, path)
