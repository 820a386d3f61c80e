"""`microcred collect`: brings responses from source folders together in one folder."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microcred_cli import files
from microcred_cli.cli import options
from microcred_cli.cli.key_files import with_keys
from microcred_cli.cli.options import argument
from microcred_cli.cli.output import as_json, refuse_unknown_format
from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import ExitCode, StoreError, UsageError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import Loaded, load
from microcred_cli.session.options import Choices, responses_folder
from microcred_cli.store.collect import Collection
from microcred_cli.store.drop import refuse_drop
from microcred_cli.store.folder import Responses, called
from microcred_cli.store.judge import Judge
from microcred_cli.store.layout import FOLDER_FILE, as_sentence
from microcred_cli.store.quarantine import APART
from microcred_cli.store.sources import FromSource, SourceCounts, SourceFolder, find_sources
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.records.shapes import Folder

_HEADS = ("taken", "here already", "withdrawn", "quarantined", "left")


app = options.new_app()


@app.command("collect")
def collect_responses(
    sources: Annotated[
        list[str],
        argument("SOURCE...", "Responses folders, or a folder with some directly below."),
    ],
    questionnaire: options.Questionnaire = BUILT_IN,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    identity: options.Identity = None,
    move: Annotated[
        bool, typer.Option("--move", help="Remove from a source what is safe in the folder.")
    ] = False,
    output: options.Format = "table",
) -> int:
    """Bring responses from other folders together: each once, verified, nothing overwritten.

    Damaged files are quarantined and listed. The command can be interrupted and run again. Exits
    with 1 if any file was quarantined or left in its source.

    Example: microcred collect /media/stick
    """
    refuse_unknown_format(output)
    files.harden_process()
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    folder = responses_folder(responses, settings)
    refuse_drop(folder.folder)
    loaded = load(questionnaire)
    with ExitStack() as stack:
        found = find_sources([Path(each) for each in sources], folder.folder, stack)
        if not move:
            _refuse_copies(found)
        owner = files.owner_of(folder.folder)
        with files.acting_as(owner):
            terms = _terms(folder, found, loaded)
        folder = with_keys(folder, terms, settings, identity)
        with files.acting_as(owner):
            folder.make_ready(terms)
        collection = Collection(folder, found, Judge(loaded, terms), move=move, owner=owner)
        try:
            with shown("Collecting") as progress:
                collection.progress = progress
                collection.run()
        except KeyboardInterrupt:
            _show(collection, output)
            say("Stopped. Everything collected so far is kept; the same command collects the rest.")
            return ExitCode.INTERRUPTED
        except StoreError:
            _show(collection, output)
            raise
        _show(collection, output)
        return _outcome(collection)


def _refuse_copies(sources: Sequence[SourceFolder]) -> None:
    """Refuse to leave copies in a drop folder, where a withdrawal must be final."""
    for source in sources:
        if source.is_drop:
            raise UsageError(
                "This is a drop folder: collected responses must not stay in it as well.",
                where=source.shown,
                hint=f"Move it: microcred collect --move {source.shown}",
            )


def _terms(folder: Responses, sources: Sequence[SourceFolder], loaded: Loaded) -> Folder:
    """The terms of the target folder, or else those shared by all sources."""
    own = folder.terms() if folder.folder.is_dir() else None
    known = [(folder.folder, own), *((each.folder.path, each.terms) for each in sources)]
    terms = [(path / FOLDER_FILE, each) for path, each in known if each is not None]
    if not terms:
        raise StoreError(
            f"No {FOLDER_FILE} says what these responses answer.",
            where=sources[0].folder.path,
            hint=f"Put {FOLDER_FILE} back, or name a folder with --responses that has one.",
        )
    first, holds = terms[0]
    for path, other in terms:
        if other != holds:
            raise StoreError(
                f"{safe(path.parent)} has {called(other)}, "
                f"and {safe(first.parent)} {called(holds)}: they cannot be collected together.",
                where=path,
                hint="Collect those that go together, each kind into a folder of its own.",
            )
    if holds.questionnaire != loaded.questionnaire.id:
        raise UsageError(
            f"These responses answer another questionnaire, {safe(holds.questionnaire)}.",
            where=first,
            hint="Name it with --questionnaire.",
        )
    return holds


def _outcome(collection: Collection) -> int:
    """The exit code; prints a message if there was nothing new."""
    report = collection.report
    is_finding = any(part.apart or part.left for part in report)
    is_new = is_finding or any(
        part.responses.taken or part.texts.taken or part.failure for part in report
    )
    if not (is_new or collection.forgotten):
        say("Nothing new: everything was here already.")
    if any(part.failure or part.stuck for part in report):
        return ExitCode.STORAGE
    return ExitCode.FINDING if is_finding else ExitCode.DONE


# -- report ----------------------------------------------------------------------------------------


def _show(collection: Collection, output: str) -> None:
    sys.stdout.write(as_json(_report(collection)) if output == "json" else _table(collection))
    sys.stdout.flush()
    for part in collection.report:
        _tell(part, collection)
    if collection.forgotten:
        say(f"Deleted here, because they were withdrawn elsewhere: {collection.forgotten} files.")


def _tell(part: FromSource, collection: Collection) -> None:
    where = part.source.shown
    for name, reason in sorted(part.apart):
        say(f"{where}: quarantined: {as_sentence((safe(name), safe(reason)))}")
    for name, reason in sorted(part.left):
        say(f"{where}: left there: {as_sentence((safe(name), safe(reason)))}")
    if part.foreign:
        some = ", ".join(map(safe, sorted(part.foreign)[:5]))
        more = ", ..." if len(part.foreign) > 5 else ""
        say(f"{where}: {len(part.foreign)} other files were left alone: {some}{more}")
    if part.apart:
        say(f"What was quarantined is in {safe(collection.responses.folder / APART)}")
    if collection.move and part.sealed_lines:
        say(f"{where}: sealed responses were taken, but not removed there.")
    if part.stuck is not None:
        say(f"{where}: the files that were taken could not be removed there: {part.stuck.message}")
    if part.failure is not None:
        say(f"{where}: {part.failure.message} {part.failure.hint}")
    if part.failure is not None and part.source.is_drop:
        say(f"{where}: only the administrator reads what others handed in (sudo).")


def _table(collection: Collection) -> str:
    rows: list[tuple[str, ...]] = [("", *_HEADS)]
    for part in collection.report:
        rows.append((part.source.shown, *map(str, _figures(part))))
        texts = _counted(part.texts).values()
        if any(texts):
            rows.append(("  texts", *map(str, texts), "", ""))
    if len(collection.report) > 1:
        totals = [sum(column) for column in zip(*map(_figures, collection.report), strict=True)]
        rows.append(("all responses", *map(str, totals)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() + "\n"
        for row in rows
    )


def _figures(part: FromSource) -> tuple[int, ...]:
    return (*_counted(part.responses).values(), len(part.apart), len(part.left))


def _report(collection: Collection) -> dict[str, object]:
    return {
        "format": "microcred-collect/1",
        "moved": collection.move,
        "forgotten": collection.forgotten,
        "sources": [
            {
                "source": part.source.shown,
                "responses": _counted(part.responses),
                "texts": _counted(part.texts),
                "set_apart": _listed(part.apart),
                "left": _listed(part.left),
                "foreign": len(part.foreign),
                "removed": collection.move and part.stuck is None,
                "complete": part.failure is None,
            }
            for part in collection.report
        ],
    }


def _counted(counts: SourceCounts) -> dict[str, int]:
    return {
        "taken": counts.taken,
        "already_there": counts.already,
        "withdrawn": counts.withdrawn,
    }


def _listed(found: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"file": safe(name), "reason": safe(reason)} for name, reason in sorted(found)]
