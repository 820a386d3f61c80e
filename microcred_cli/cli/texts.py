"""`microcred texts`: shows the free-text answers, for staff to read."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Annotated

from microcred_cli.cli import options
from microcred_cli.cli.options import option
from microcred_cli.cli.output import (
    TABLE,
    check_output_file,
    command_with,
    deliver,
    file_of,
    format_for,
    show,
)
from microcred_cli.errors import DisclosureError, UsageError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.values import REMARK
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from microcred_cli.interchange.texts import PooledTexts, TextReport
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.store.folder import Responses

app = options.new_app()

Item = Annotated[
    list[str] | None,
    option(
        "--item",
        "ID",
        "Show only texts typed for this question, such as comments, or for this option, such "
        "as terms_used.other; repeatable.",
    ),
]
TextFormat = Annotated[
    str | None,
    option(
        "--format",
        "FORMAT",
        "table, csv, html, markdown or json. Default: from the file extension, or table.",
    ),
]


@app.command()
def texts(
    questionnaire: options.Questionnaire = BUILT_IN,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    item: Item = None,
    output_format: TextFormat = None,
    output: options.Output = None,
    language: options.LabelLanguage = None,
    identity: options.Identity = None,
) -> None:
    """Read free-text answers, for staff only.

    Answers are shown by question, without the rest of the response, and in a new random order
    each time. Only sealed answers are shown, and only for questions with at least ten of them.

    The answers are not for publication. Exits with 5 if nothing can be shown.

    Example: microcred texts --item comments
    """
    from microcred_cli.cli.key_files import refuse_without_key, staff_folder
    from microcred_cli.i18n import speaking
    from microcred_cli.interchange.texts import FORMATS, TextReport, read_pools
    from microcred_cli.questionnaire.loading import load
    from microcred_cli.session.options import language_asked_for
    from microcred_cli.store.drop import refuse_drop
    from microcred_cli.store.folder import terms_of
    from microcred_cli.store.judge import Judge

    written_as = format_for(output_format, output, (TABLE, *FORMATS))
    path = file_of(output)
    folder = staff_folder(responses, fieldwork, identity)
    check_output_file(path, folder)
    refuse_drop(folder.folder)
    folder.names()
    loaded = load(questionnaire)
    if language is not None:
        language_asked_for(language, tuple(loaded.languages))
    wanted = _keys(loaded.questionnaire, item or ())
    refuse_without_key(folder, what="reading free-text answers")
    terms, _wrong = terms_of(folder, loaded)
    found = read_pools(folder, Judge(loaded, terms), wanted)
    language = language or loaded.questionnaire.language
    report = TextReport(
        loaded.languages[language], found.pools, terms is not None and terms.synthetic
    )
    with speaking(language):
        if found.pools or written_as == "json":
            _write(report, written_as, path)
    _tell(found)
    if not found.pools:
        given = {"questionnaire": questionnaire, "responses": responses, "fieldwork": fieldwork}
        fewer = _too_few(item or ())
        raise DisclosureError(fewer, hint=_way_on(folder, wanted, {**given, "identity": identity}))


def _keys(questionnaire: Questionnaire, items: Sequence[str]) -> Collection[str]:
    """The keys of the free-text answers to these items, or to all; an item id selects all its keys.

    An item without free-text answers is refused, although it can have remarks.
    """
    from microcred_cli.interchange.texts import keys_in_order

    known = keys_in_order(questionnaire)
    typed = [key for key in known if not key.endswith(f".{REMARK}")]
    found: list[str] = []
    for wanted in items:
        of_item = [key for key in known if wanted in (key, key.partition(".")[0])]
        if wanted not in known and not any(key in typed for key in of_item):
            raise _no_texts(questionnaire, wanted, typed)
        found += of_item
    return found if items else known


def _no_texts(questionnaire: Questionnaire, wanted: str, typed: Sequence[str]) -> UsageError:
    wrong, hint = f"is not a question of {questionnaire.id}", ""
    if wanted in questionnaire.by_id:
        wrong = "is not a question with free-text answers"
        hint = f"For remarks by interviewers: --item {wanted}.{REMARK}. "
    return UsageError(
        f"{safe(wanted)!r} {wrong}.",
        where="--item",
        hint=f"{hint}These items accept free text: {', '.join(typed)}.",
    )


def _write(report: TextReport, written_as: str, path: Path | None) -> None:
    from microcred_cli.interchange.texts import FORMATS, as_table
    from microcred_cli.terminal.wrapping import WIDEST, wrap

    if written_as != TABLE:
        deliver(FORMATS[written_as](report).encode("utf-8", "replace"), path)
        return
    is_screen = path is None and sys.stdout.isatty()
    width = min(WIDEST, shutil.get_terminal_size().columns - 1) if is_screen else 80
    table = as_table(report, lambda text, mark: wrap(text, width, first=mark, rest=" " * len(mark)))
    if path is None:
        show(table)
    else:
        deliver(table.encode("utf-8", "replace"), path)


def _tell(found: PooledTexts) -> None:
    """Print the number of unusable free-text answers, and the keys that are not shown."""
    from microcred_cli.interchange.texts import SMALLEST_POOL

    if found.unusable:
        lines = "1 sealed text" if found.unusable == 1 else f"{found.unusable} sealed texts"
        say(f"{lines} cannot be used; microcred check lists the reasons.")
    if found.pools and found.small:
        say(
            f"Not shown, because there are fewer than {SMALLEST_POOL} texts: "
            f"{', '.join(found.small)}"
        )


def _too_few(items: Sequence[str]) -> str:
    from microcred_cli.interchange.texts import SMALLEST_POOL

    if not items:
        return f"No question has {SMALLEST_POOL} sealed texts, so nothing can be shown."
    named = ", ".join(map(safe, items))
    return f"Fewer than {SMALLEST_POOL} texts are sealed for {named}, so nothing can be shown."


def _way_on(
    folder: Responses, wanted: Collection[str], given: Mapping[str, str | Sequence[str] | None]
) -> str:
    """The hint if no text can be shown; recommends `seal` only if enough texts are waiting."""
    from microcred_cli.interchange.texts import SMALLEST_POOL, can_be_sealed

    if can_be_sealed(folder, wanted):
        return f"Enough texts are waiting. To seal them: {command_with('microcred seal', given)}"
    return (
        f"Free-text answers to a question can be sealed once at least {SMALLEST_POOL} of them are "
        "waiting; fewer are waiting now."
    )
