"""The folder of an export: the data in each format, the codebook and an explanatory README.txt."""

from __future__ import annotations

import errno
import os
import shutil
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import StoreError
from microcred_cli.interchange.codebook import codebook_of
from microcred_cli.interchange.codebook_page import render
from microcred_cli.interchange.ddi import ddi
from microcred_cli.interchange.writers import FORMATS, DataSet, writer
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.summary.formats.words import SYNTHETIC
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from microcred_cli.interchange.suppression import Suppressed
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Folder
    from microcred_cli.summary.figures import Figures

_WIDTH: Final = 78
_LEAST_SPACE: Final = 65_536
"""If less disk space than this (in bytes) is free, errors of a library are attributed to a full
disk."""


@dataclass(frozen=True, slots=True)
class Export:
    """The contents of an export other than the data."""

    loaded: Loaded
    terms: Folder
    formats: Sequence[str]
    language: str
    version: str
    figures: Figures | None


def write_files(
    export: Export,
    dataset: DataSet,
    suppressed: Suppressed,
    folder: Path,
    stage: Callable[[str], Callable[[int, int], object]],
) -> None:
    """Write all files of an export; `stage` announces a stage and returns its progress callback."""
    for name in export.formats:
        _write_data(name, dataset, folder, stage(f"Writing {name}"))
    stage("Writing the codebook")
    names = [f"{dataset.name}.{name}" for name in export.formats]
    detail = export.terms.detail
    synthetic = export.terms.synthetic
    codebook = ddi(export.loaded, detail, version=export.version, files=names, synthetic=synthetic)
    (folder / "codebook.xml").write_bytes(codebook)
    book = codebook_of(export.loaded, export.language, detail, export.figures, synthetic=synthetic)
    (folder / "codebook.html").write_text(render(book), encoding="utf-8", newline="\n")
    text = "\n".join(_explained(export, dataset, suppressed)) + "\n"
    (folder / "README.txt").write_text(text, encoding="utf-8", newline="\n")


def _write_data(
    name: str, dataset: DataSet, folder: Path, progress: Callable[[int, int], object]
) -> None:
    """Write the data in one format; library errors are re-raised as a `StoreError`."""
    used = writer(name)
    try:
        used.write(dataset, folder, progress)
    except used.errors() as error:
        if shutil.disk_usage(folder).free < _LEAST_SPACE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise StoreError(
            f"The file could not be written: {type(error).__name__}.",
            where=f"{dataset.name}.{name}",
            hint="Check the free disk space, then export again.",
        ) from error


def _explained(export: Export, dataset: DataSet, suppressed: Suppressed) -> Iterator[str]:
    """The lines of README.txt."""
    which = export.loaded.questionnaire
    yield "CONFIDENTIAL. NOT FOR PUBLICATION."
    yield ""
    if export.terms.synthetic:
        yield from _wrapped(SYNTHETIC)
        yield ""
    yield from _wrapped(
        "One record for each sealed response, in random order. These are microdata: do not pass "
        "them on to anyone outside the team that the respondents were told about. Publish only "
        "the figures that microcred summary shows."
    )
    yield ""
    yield f"Questionnaire: {safe(which.id)} {safe(which.version)}"
    yield f"Records: {dataset.data.size}"
    yield f"Variables: {len(dataset.data.variables)}"
    yield f"Detail: {export.terms.detail}"
    yield f"Language of labels: {own_name(export.language)} ({export.language})"
    yield f"k: {suppressed.k}"
    yield f"Values suppressed: {suppressed.values} (in {suppressed.records} records)"
    if suppressed.values:
        counts = (f"{safe(name)} {count}" for name, count in suppressed.by_item.items() if count)
        yield from _wrapped(f"Values suppressed by item: {', '.join(counts)}", hanging="    ")
    yield f"Records left out: {suppressed.left_out}"
    yield ""
    yield from _wrapped(_about_k(suppressed.k))
    yield ""
    for name, text in _files(export, dataset.name):
        yield from _wrapped(f"{name}: {text}", hanging="    ")


def _about_k(k: int) -> str:
    if k < 2:
        return (
            "Nothing was suppressed (k = 1): a record can be unique in its combination of "
            "quasi-identifiers (marked in the codebook)."
        )
    return (
        "Each record has the same quasi-identifiers (marked in the codebook, and including mode, "
        f"status and minutes) as at least {k - 1} others. To achieve this, values were suppressed; "
        "restoring any single value would break this rule. "
        "Rare categories lose more of their values than common ones, so tables by these items, "
        "such as by country or sector, are biased: see the numbers by item above. The answer to "
        "an item counts as one value, however many variables it has. Records that suppression "
        "could not protect were omitted. k-anonymity does not protect against someone who knows "
        "two or three other answers of a respondent. Do not combine two exports of different "
        "responses, or with different values of k: together they can reveal suppressed values."
    )


def _files(export: Export, name: str) -> Iterator[tuple[str, str]]:
    """The name and description of each file."""
    texts = {
        "csv": "codes as text, in UTF-8; missing values are also codes, such as dk or not_asked.",
        "sav": "SPSS and PSPP. Missing values are -1 to -7, declared as user-missing.",
        "dta": "Stata 14 and later. Missing values are .d .p .b .n .r .x .s.",
        "parquet": "codes as categories, in the order of the questionnaire.",
        "xlsx": "for viewing only. The second sheet describes the variables.",
    }
    for each in FORMATS:
        if each not in export.formats:
            continue
        yield f"{name}.{each}", texts[each]
        if each == "csv":
            yield f"{name}.csv-metadata.json", "the columns and codes of the CSV file (CSVW)."
        if each == "sav":
            yield f"{name}.sps", "SPSS syntax that adds the multiple-response sets to the file."
    yield "codebook.xml", f"DDI Codebook {export.version}, in all languages."
    yield "codebook.html", "the codebook as a web page, with the figures of microcred summary."


def _wrapped(text: str, hanging: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=hanging, break_on_hyphens=False)
