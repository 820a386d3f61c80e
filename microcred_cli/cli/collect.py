"""`microcred collect`: collects responses from source folders in one destination folder."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microcred_cli import files
from microcred_cli.cli import options
from microcred_cli.cli.key_files import with_keys
from microcred_cli.cli.options import argument
from microcred_cli.cli.output import as_json, refuse_unknown_format, show
from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import ExitCode, StoreError, UsageError
from microcred_cli.evaluation.times import collect_times
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

_HEADS = ("collected", "already here", "withdrawn", "quarantined", "left")


app = options.new_app()


@app.command("collect")
def collect_responses(
    sources: Annotated[
        list[str],
        argument("SOURCE...", "Responses folders, or folders that directly contain them."),
    ],
    questionnaire: options.Questionnaire = BUILT_IN,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    identity: options.Identity = None,
    move: Annotated[
        bool, typer.Option("--move", help="Delete responses from a source once they are stored.")
    ] = False,
    output: options.Format = "table",
) -> int:
    """Collect responses from other folders into one.

    Each response is verified, and none is duplicated or overwritten. Damaged files are quarantined
    and listed. The command can be interrupted and run again. Exits with 1 if any file was
    quarantined or left in its source.

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
            collect_times(collection)
        except KeyboardInterrupt:
            _show(collection, output)
            say(
                "Stopped. Files already collected are kept. To collect the rest, run the same "
                "command again."
            )
            return ExitCode.INTERRUPTED
        except StoreError:
            _show(collection, output)
            raise
        _show(collection, output)
        return _outcome(collection)


def _refuse_copies(sources: Sequence[SourceFolder]) -> None:
    """Refuse to leave copies in a drop folder, because a withdrawal there must be final."""
    for source in sources:
        if source.is_drop:
            raise UsageError(
                "This is a drop folder: collected responses must not remain in it.",
                where=source.shown,
                hint=f"To move the responses: microcred collect --move {source.shown}",
            )


def _terms(folder: Responses, sources: Sequence[SourceFolder], loaded: Loaded) -> Folder:
    """The terms of the destination folder; if it has none, those shared by all sources."""
    own = folder.terms() if folder.folder.is_dir() else None
    known = [(folder.folder, own), *((each.folder.path, each.terms) for each in sources)]
    terms = [(path / FOLDER_FILE, each) for path, each in known if each is not None]
    if not terms:
        raise StoreError(
            f"{FOLDER_FILE} is missing, so it is unknown which questionnaire these responses "
            "belong to.",
            where=sources[0].folder.path,
            hint=f"Restore {FOLDER_FILE}, or use --responses to specify a folder that contains it.",
        )
    first, holds = terms[0]
    for path, other in terms:
        if other != holds:
            raise StoreError(
                f"{safe(path.parent)} contains {called(other)}, but {safe(first.parent)} contains "
                f"{called(holds)}: they cannot be collected in one folder.",
                where=path,
                hint="Collect each kind of response in a separate folder.",
            )
    if holds.questionnaire != loaded.questionnaire.id:
        raise UsageError(
            f"These responses belong to another questionnaire, {safe(holds.questionnaire)}.",
            where=first,
            hint="Specify that questionnaire with --questionnaire.",
        )
    return holds


def _outcome(collection: Collection) -> int:
    """Return the exit code; print a message if there was nothing new."""
    report = collection.report
    is_finding = any(part.apart or part.left for part in report)
    is_new = is_finding or any(
        part.responses.taken or part.texts.taken or part.times or part.failure for part in report
    )
    if not (is_new or collection.forgotten):
        say("Nothing new: all records had already been collected.")
    if any(part.failure or part.stuck for part in report):
        return ExitCode.STORAGE
    return ExitCode.FINDING if is_finding else ExitCode.DONE


# -- report ----------------------------------------------------------------------------------------


def _show(collection: Collection, output: str) -> None:
    show(as_json(_report(collection)) if output == "json" else _table(collection))
    for part in collection.report:
        _tell(part, collection)
    if collection.forgotten:
        say(f"Files deleted here because they were withdrawn elsewhere: {collection.forgotten}")


def _tell(part: FromSource, collection: Collection) -> None:
    where = part.source.shown
    for name, reason in sorted(part.apart):
        say(f"{where}: quarantined: {as_sentence((safe(name), safe(reason)))}")
    for name, reason in sorted(part.left):
        say(f"{where}: left in the source: {as_sentence((safe(name), safe(reason)))}")
    if part.foreign:
        some = ", ".join(map(safe, sorted(part.foreign)[:5]))
        more = ", ..." if len(part.foreign) > 5 else ""
        say(f"{where}: {len(part.foreign)} other files were ignored: {some}{more}")
    if part.apart:
        say(f"Quarantined files are in {safe(collection.responses.folder / APART)}")
    if collection.move and part.sealed_lines:
        say(f"{where}: sealed responses were collected, but not removed from the source.")
    if part.times:
        say(f"{where}: files with times of a pilot that were collected: {part.times}")
    if part.stuck is not None:
        say(f"{where}: collected files could not be removed: {part.stuck.message}")
    if part.failure is not None:
        say(f"{where}: {part.failure.message} {part.failure.hint}")
    if part.failure is not None and part.source.is_drop:
        say(f"{where}: only the administrator can read responses submitted by others (use sudo).")


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
