"""`microcred export`: the sealed responses as a data set for other programs, with its codebook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from microcred_cli.cli import options
from microcred_cli.cli.options import argument, option
from microcred_cli.errors import DisclosureError, ExitCode, UsageError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.store.batches import SMALLEST_BATCH
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from microcred_cli.cli.progress_bar import Work
    from microcred_cli.interchange.data_folder import Export
    from microcred_cli.interchange.microdata import Microdata
    from microcred_cli.interchange.suppression import Suppressed
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Folder
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.layout import LeftOut
    from microcred_cli.summary.figures import Figures

FEWEST_OTHERS = 3
"""The smallest k that can be chosen, other than 1 (no suppression)."""

app = options.new_app()

DataFormat = Annotated[
    list[str] | None,
    option("--format", "FORMAT", "csv (always written), sav, dta, parquet or xlsx; repeatable."),
]
K = Annotated[
    int,
    option("--k", "K", "Minimum number of records that share the same quasi-identifiers."),
]
DdiVersion = Annotated[str, option("--ddi", "VERSION", "Version of the DDI codebook: 2.5 or 2.6.")]


@app.command("export")
def export_data(
    directory: Annotated[str, argument("DIR", "The folder to create.")],
    questionnaire: options.Questionnaire = BUILT_IN,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    formats: DataFormat = None,
    language: options.LabelLanguage = None,
    identity: options.Identity = None,
    k: K = FEWEST_OTHERS,
    version: DdiVersion = "2.5",
) -> int:
    """Write the data and a codebook for other programs.

    The data are the sealed responses, which are confidential and not for publication. Records are
    in random order, without ids or free-text answers. Identifying values are suppressed until each
    record shares its quasi-identifiers with K - 1 others. K must be at least 3; for an encrypted
    folder, it can be 1.

    Exits with 5 if fewer than ten responses can be exported.

    Example: microcred export data --format sav --language de
    """
    from microcred_cli.cli.key_files import refuse_without_key, staff_folder
    from microcred_cli.cli.progress_bar import shown
    from microcred_cli.interchange.data_folder import Export, write_files
    from microcred_cli.interchange.delivery import new_folder, refuse_unsuitable
    from microcred_cli.interchange.writers import DataSet
    from microcred_cli.questionnaire.loading import load
    from microcred_cli.session.options import language_asked_for
    from microcred_cli.store.drop import refuse_drop

    names = _formats(formats)
    _check_version(version)
    folder = staff_folder(responses, fieldwork, identity)
    path = refuse_unsuitable(directory, folder.folder)
    refuse_drop(folder.folder)
    refuse_without_key(folder, what="an export")
    loaded = load(questionnaire)
    language_asked_for(language, tuple(loaded.languages))
    spoken = language or loaded.questionnaire.language
    folder.names()
    terms, wrong = _terms(folder, loaded)
    _check_k(k, terms)
    with shown("Reading") as progress, folder.held():
        data, suppressed, left_out = _records(folder, loaded, (terms, wrong), spoken, k, progress)
        _check_size(data, names)
        figures = _last_figures(folder, loaded)
        export = Export(loaded, terms, names, spoken, version, figures)
        title = loaded.languages[spoken].title
        with new_folder(path) as unfinished:
            notice = _notice(terms, spoken)
            dataset = DataSet(data, loaded.questionnaire.id, title, spoken, notice)
            write_files(export, dataset, suppressed, unfinished, _stages(progress))
    sys.stdout.write(f"{safe(directory)}\n")
    _tell(export, data, suppressed, (*wrong, *left_out))
    return ExitCode.DONE


def _notice(terms: Folder, language: str) -> str:
    """A sentence saying that the data are synthetic; empty if they are not."""
    from microcred_cli.i18n import _, speaking
    from microcred_cli.summary.formats.words import SYNTHETIC

    with speaking(language):
        return _(SYNTHETIC) if terms.synthetic else ""


def _formats(chosen: Sequence[str] | None) -> list[str]:
    """The formats to write, including CSV, in the order of `FORMATS`."""
    from microcred_cli.interchange.extras import refuse_without
    from microcred_cli.interchange.writers import FORMATS

    for name in chosen or ():
        if name not in FORMATS:
            raise UsageError(
                f"Unknown format {safe(name)!r}.",
                where="--format",
                hint=f"Use one of: {', '.join(FORMATS)}.",
            )
        for package in FORMATS[name].needs:
            refuse_without(package, "export")
    return [name for name in FORMATS if name == "csv" or name in (chosen or ())]


def _check_version(version: str) -> None:
    from microcred_cli.interchange.ddi import VERSIONS

    if version not in VERSIONS:
        raise UsageError(
            f"Unknown version of DDI Codebook: {safe(version)!r}.",
            where="--ddi",
            hint=f"Use one of: {', '.join(VERSIONS)}.",
        )


def _check_k(k: int, terms: Folder) -> None:
    if k == 1 and not terms.recipients:
        raise UsageError(
            "k can be 1 only for an encrypted folder, because k = 1 allows unique records.",
            where="--k",
            hint=f"Use {FEWEST_OTHERS} or more.",
        )
    if k != 1 and k < FEWEST_OTHERS:
        raise UsageError(
            f"k must be at least {FEWEST_OTHERS}.",
            where="--k",
            hint=f"Use {FEWEST_OTHERS} or more, or 1 for an encrypted folder.",
        )


def _terms(folder: Responses, loaded: Loaded) -> tuple[Folder, list[LeftOut]]:
    """The terms of the folder; raises an error if it has none, because then nothing is sealed."""
    from microcred_cli.store.folder import terms_of

    terms, wrong = terms_of(folder, loaded)
    if terms is None:
        _tell_left_out(wrong)
        raise _too_few(0)
    return terms, wrong


def _records(
    folder: Responses,
    loaded: Loaded,
    known: tuple[Folder, Sequence[LeftOut]],
    language: str,
    k: int,
    progress: Work,
) -> tuple[Microdata, Suppressed, list[LeftOut]]:
    """The sealed records in random order, with values suppressed."""
    from microcred_cli.i18n import speaking
    from microcred_cli.interchange.microdata import Coder, SealedRecords, shuffled_order
    from microcred_cli.interchange.suppression import suppress
    from microcred_cli.interchange.variables import variables_of
    from microcred_cli.records.recoding import stored
    from microcred_cli.store.judge import Judge

    terms, wrong = known
    asked = loaded.languages[language]
    recorded = stored(asked) if terms.detail == "coarse" else asked
    with speaking(language):
        variables = variables_of(recorded, terms.detail, tuple(loaded.languages))
    sealed = SealedRecords(folder, Judge(loaded, terms))
    data, digests = Coder(variables).microdata(sealed.read(progress))
    if data.size < SMALLEST_BATCH:
        _tell_left_out((*wrong, *sealed.left_out))
        raise _too_few(data.size)
    progress.stage("Suppressing values")
    suppressed = suppress(data, recorded, digests, k)
    if len(suppressed.kept) < SMALLEST_BATCH:
        raise DisclosureError(
            f"Even after suppression, fewer than {SMALLEST_BATCH} records share their "
            f"quasi-identifiers with {k - 1} others.",
            hint="Collect more responses"
            + (", or use a smaller --k." if k > FEWEST_OTHERS else "."),
        )
    data.keep([suppressed.kept[n] for n in shuffled_order(len(suppressed.kept))])
    return data, suppressed, sealed.left_out


def _too_few(size: int) -> DisclosureError:
    usable = (
        "No usable response is" if not size else f"Fewer than {SMALLEST_BATCH} usable responses are"
    )
    return DisclosureError(
        f"{usable} sealed, so nothing can be exported.",
        hint="Collect more responses and run microcred seal; an export needs at least ten.",
    )


def _check_size(data: Microdata, names: Sequence[str]) -> None:
    """Raise a UsageError if a format cannot hold this number of records and variables."""
    from microcred_cli.interchange.writers import (
        MOST_CELLS,
        MOST_COLUMNS_OF_A_SHEET,
        MOST_ROWS_OF_A_SHEET,
    )

    columns = len(data.variables)
    fits_sheet = data.size <= MOST_ROWS_OF_A_SHEET and columns <= MOST_COLUMNS_OF_A_SHEET
    fits_memory = data.size * columns <= MOST_CELLS
    fits = {"sav": fits_memory, "dta": fits_memory, "xlsx": fits_sheet}
    for name in names:
        if not fits.get(name, True):
            raise UsageError(
                f"{data.size:,} records of {columns} variables are too many for {name}.",
                where="--format",
                hint="Use csv or parquet, which SPSS, Stata and R can also read.",
            )


def _last_figures(folder: Responses, loaded: Loaded) -> Figures | None:
    """The protected figures of the last seal; None if they were computed under a different rule."""
    from microcred_cli.store.publication import kept_for
    from microcred_cli.summary.figures import Figures
    from microcred_cli.summary.rule import RULE_SHA256

    kept = kept_for(folder, loaded.sha256, RULE_SHA256, waiting=0).figures
    return None if kept is None else Figures.known(kept)


def _stages(progress: Work) -> Callable[[str], Callable[[int, int], object]]:
    def begin(what: str) -> Callable[[int, int], object]:
        progress.stage(what)
        return progress

    return begin


def _tell_left_out(left_out: Sequence[LeftOut]) -> None:
    """Print the sealed files that could not be used completely, with reasons, for staff."""
    from microcred_cli.store.layout import as_sentence
    from microcred_cli.terminal.console import say

    for part in sorted(left_out):
        say(as_sentence(part))


def _tell(
    export: Export, data: Microdata, suppressed: Suppressed, left_out: Sequence[LeftOut]
) -> None:
    """Print how many records were exported and how many values were suppressed, for staff."""
    from microcred_cli.terminal.console import say

    _tell_left_out(left_out)
    say(
        f"{data.size} records of {len(data.variables)} variables, k = {suppressed.k}: "
        f"{suppressed.values} values suppressed in {suppressed.records} records."
    )
    if suppressed.left_out:
        are = "record was" if suppressed.left_out == 1 else "records were"
        say(
            f"{suppressed.left_out} {are} not exported: suppression cannot protect them, because "
            "the routes reveal some of the values."
        )
    if export.terms.detail == "full":
        say("The data contain fine codes. They are confidential, not anonymous.")
    say("The data are confidential and not for publication. See README.txt in the folder.")
