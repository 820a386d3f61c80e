"""Other readers of the formats find the values, labels, missing values and sets of an export.

JUDGES=all runs these tests, as .ci/run does; each is skipped where its program is not installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
from array import array
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from microcred_cli.i18n import speaking
from microcred_cli.interchange.ddi import ddi
from microcred_cli.interchange.microdata import Microdata
from microcred_cli.interchange.variables import Variable, sets_of, shortened, variables_of
from microcred_cli.interchange.writers import FORMATS, DataSet, writer
from microcred_cli.interchange.writers.stata import TAGS
from microcred_cli.records.recoding import stored
from tests.interchange.exports import Exported, export_from, responses_to, seal_all
from tests.interchange.sealed_cells import LETTERS, Sealed
from tests.places import built_in
from tests.scenario import questionnaire_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Place

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("JUDGES") != "all", reason="JUDGES=all runs other readers of the formats"
    ),
    # Warnings of other programs about themselves.
    pytest.mark.filterwarnings("ignore"),
]

LANGUAGES = ("en", "pl", "fi", "fr")
RECORDS = 2_000
DOCS = Path(__file__).parents[2] / "docs" / "exports.md"
OF_EXTRA = "the extra export is not installed"
OF_JUDGES = "the group judges is not installed"

Export = tuple[Exported, dict[str, Variable]]


@pytest.fixture
def export(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Export]:
    """Makes an export in all formats, with labels in a language; each is made once."""

    def made(language: str) -> Export:
        pytest.importorskip("pyreadstat", reason=OF_EXTRA)
        pytest.importorskip("xlsxwriter", reason=OF_EXTRA)
        pytest.importorskip("polars", reason=OF_EXTRA)
        if language not in KEPT:
            seal_all(place.responses, built_in(), responses_to(built_in(), RECORDS))
            formats = ("sav", "dta", "parquet", "xlsx")
            chosen = [part for name in formats for part in ("--format", name)]
            done = export_from(place, "--language", language, *chosen)
            kept = tmp_path_factory.mktemp(language) / "data"
            shutil.copytree(done.folder, kept)
            shutil.copytree(place.responses / "sealed", kept.with_name("sealed"))
            with speaking(language):
                variables = variables_of(stored(built_in().languages[language]))
            KEPT[language] = Exported(done.ran, kept), {v.name: v for v in variables}
        return KEPT[language]

    return made


KEPT: dict[str, Export] = {}


def sheet_rows(path: Path) -> list[list[str]]:
    """The cells of the first sheet of a workbook as texts."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with ZipFile(path) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{space}row")]


def numbers(variable: Variable) -> dict[str, float]:
    return {value.code: float(value.number) for value in variable.labelled}


def expected(export: Export, name: str) -> list[float]:
    """The numbers of a column, from the CSV file and the variable list."""
    coded = numbers(export[1][name])
    return [float(coded.get(row[name], row[name])) for row in export[0].rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_format_has_the_sealed_records(
    export: Callable[[str], Export], language: str
) -> None:
    """Read from the sealed lines with json, without any of the modules that write the formats."""
    import polars
    import pyreadstat

    done, _ = export(language)
    sealed = Sealed(done.folder.with_name("sealed"), built_in().questionnaire)
    left_out = int(done.readme["Records left out"])
    assert len(done.rows) == len(sealed.records) - left_out == RECORDS - left_out
    columns, cells = sealed.columns, sealed.matched(done.rows)
    names = ["row", *(column.name for column in columns)]
    assert list(done.rows[0]) == names
    codes = [[str(n), *row] for n, row in enumerate(cells, 1)]
    assert [list(row.values()) for row in done.rows] == codes
    parquet = polars.read_parquet(done.path("parquet"))
    assert [list(map(str, row)) for row in parquet.rows()] == codes
    assert sheet_rows(done.path("xlsx")) == [names, *codes]
    for extension, tags in (("sav", {}), ("dta", LETTERS)):
        reader = getattr(pyreadstat, f"read_{extension}")
        found, _about = reader(str(done.path(extension)), user_missing=True, output_format="dict")
        assert list(found) == names
        for place, column in enumerate(columns):
            known = {
                code: tags.get(code, column.number(code)) for code in {r[place] for r in cells}
            }
            assert list(found[column.name]) == [known[row[place]] for row in cells], column.name
    assert not any(b"[en]" in path.read_bytes() for path in done.folder.iterdir())


@pytest.mark.parametrize("language", LANGUAGES)
def test_spss_finds_every_value_label_missing_range_and_set(
    export: Callable[[str], Export], language: str, tmp_path: Path
) -> None:
    pyspssio = pytest.importorskip("pyspssio", reason=OF_JUDGES)
    done, variables = export(language)
    found, about = pyspssio.read_sav(str(done.path("sav")))
    assert list(found) == [*variables] == list(done.rows[0])
    for name, variable in variables.items():
        assert [float(n) for n in found[name]] == expected((done, variables), name), name
        if variable.kind == "row":
            continue
        labels = {float(v.number): v.label for v in variable.labelled}
        told = {n: label.rstrip("…") for n, label in about["var_value_labels"][name].items()}
        assert told.keys() == labels.keys()
        assert all(labels[n].startswith(label) for n, label in told.items()), name
        assert {*found[name]} <= labels.keys()
        assert about["var_missing_values"][name] == {"lo": -7, "hi": -1}
        assert about["var_labels"][name] == shortened(variable.label, 255, in_bytes=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_stata_finds_every_value_label_and_tag(
    export: Callable[[str], Export], language: str
) -> None:
    done, variables = export(language)
    import pyreadstat

    found, about = pyreadstat.read_dta(
        str(done.path("dta")), user_missing=True, output_format="dict"
    )
    assert list(found) == [*variables]
    for name, variable in variables.items():
        coded: dict[str, Any] = {v.code: float(v.number) for v in variable.values}
        coded |= {v.code: TAGS[v.code] for v in variable.missing}
        wanted = [coded.get(row[name], row[name]) for row in done.rows]
        assert list(found[name]) == [float(n) if variable.kind == "row" else n for n in wanted]
        if variable.kind != "row":
            labels = {coded[v.code]: v.label for v in variable.labelled}
            assert about.variable_value_labels[name] == labels, name
        assert about.column_names_to_labels[name] == shortened(variable.label, 80)


def test_parquet_has_the_codes_as_categories_in_order(export: Callable[[str], Export]) -> None:
    done, variables = export("en")
    import polars

    found = polars.read_parquet(done.path("parquet"))
    assert found.columns == [*variables]
    for name, variable in variables.items():
        assert list(map(str, found[name].to_list())) == [row[name] for row in done.rows], name
        if variable.kind != "row":
            kind = found.schema[name]
            assert isinstance(kind, polars.Enum)
            levels = kind.categories.to_list()
            assert levels == [value.code for value in variable.labelled]


def test_the_workbook_has_no_formula_and_no_time_of_its_own(
    export: Callable[[str], Export],
) -> None:
    done, _ = export("en")
    with ZipFile(done.path("xlsx")) as book:
        assert "2000-01-01" in book.read("docProps/core.xml").decode()
        assert b"<f" not in book.read("xl/worksheets/sheet1.xml")


def test_csvw_accepts_the_values(export: Callable[[str], Export]) -> None:
    csvw = pytest.importorskip("csvw", reason=OF_JUDGES)
    done, variables = export("en")
    assert csvw.CSVW(str(done.path("csv")), validate=True).is_valid
    columns = done.metadata["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == [*variables]


@pytest.mark.parametrize("version", ["2.5", "2.6"])
def test_the_codebook_is_valid_ddi(version: str, tmp_path: Path) -> None:
    xmlschema = pytest.importorskip("xmlschema", reason=OF_JUDGES)
    with tarfile.open(Path(__file__).parent / "ddi" / f"codebook-{version}.tar.gz") as schemas:
        schemas.extractall(tmp_path, filter="data")
    codebook = tmp_path / "codebook.xml"
    codebook.write_bytes(ddi(built_in(), version=version, files=["mc_employers.csv"]))
    schema = xmlschema.XMLSchema(str(tmp_path / "codebook.xsd"))
    assert [error.reason for error in schema.iter_errors(str(codebook))] == []


K_OF = """
import json, sys, pandas
from pycanon.anonymity import k_anonymity
print(k_anonymity(pandas.DataFrame(json.load(sys.stdin)), sys.argv[1:]))
"""


def test_pycanon_finds_the_k(export: Callable[[str], Export]) -> None:
    # Its exact requirements exclude those of this program, so it has an environment of its own.
    python = shutil.which(os.environ.get("PYCANON", ""))
    if python is None or subprocess.run([python, "-c", "import pycanon"], check=False).returncode:
        pytest.skip("PYCANON is not the Python of an environment with .ci/pycanon.txt")
    done, variables = export("en")
    marked = [name for name, variable in variables.items() if variable.identifies]
    rows = json.dumps([{name: row[name] for name in marked} for row in done.rows])
    found = subprocess.run(
        [python, "-c", K_OF, *marked], input=rows, capture_output=True, text=True, check=True
    )
    assert int(found.stdout) >= 3


def run(program: str, *arguments: str, folder: Path) -> str:
    """The output of a program, which is skipped if it is not installed."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        [path, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def copied(done: Exported, to: Path) -> Path:
    """A copy of the folder of an export, which a program may change."""
    return Path(shutil.copytree(done.folder, to / "copy"))


def test_pspp_adds_the_sets_without_a_warning_and_counts_the_same(
    export: Callable[[str], Export], tmp_path: Path
) -> None:
    done, variables = export("pl")
    folder = copied(done, tmp_path)
    syntax = (folder / f"{done.name}.sps").read_text(encoding="utf-8")
    names = " ".join(list(variables)[2:30])
    (folder / "all.sps").write_text(
        f"{syntax}\nFREQUENCIES {names}.\nMRSETS /DISPLAY NAME=ALL.\n", encoding="utf-8"
    )
    said = run("pspp", "-O", "format=csv", "-o", "-", "all.sps", folder=folder)
    assert not re.search("warning|error", said, re.IGNORECASE)
    sets = [s for s in sets_of([*variables.values()]) if s.kind in ("multiple", "ranking")]
    assert len(sets) > 5
    for each in sets:
        assert f"${each.item}," in said
    for name in list(variables)[2:30]:
        counts = Counter(row[name] for row in done.rows)
        for value in variables[name].labelled:
            if counts[value.code]:
                assert re.search(rf",.*{re.escape(value.label)}.*,{counts[value.code]},", said)


def test_pyspssio_finds_the_sets_that_pspp_saved(
    export: Callable[[str], Export], tmp_path: Path
) -> None:
    pyspssio = pytest.importorskip("pyspssio", reason=OF_JUDGES)
    done, variables = export("fi")
    folder = copied(done, tmp_path)
    run("pspp", "-O", "format=csv", "-o", "-", f"{done.name}.sps", folder=folder)
    _, about = pyspssio.read_sav(str(folder / f"{done.name}.sav"))
    wanted = {f"${s.item}" for s in sets_of([*variables.values()]) if s.kind != "matrix"}
    assert {*about["mrsets"]} == wanted


def test_haven_finds_the_tags_and_the_range(
    export: Callable[[str], Export], tmp_path: Path
) -> None:
    done, variables = export("fr")
    name = next(n for n, v in variables.items() if v.identifies and v.kind == "single")
    program = (
        f'if (!requireNamespace("haven", quietly=TRUE)) quit(status=77)\n'
        f'x <- haven::read_dta("{done.name}.dta")${name}\n'
        "tags <- table(haven::na_tag(x))\n"
        'for (tag in names(tags)) cat(tag, tags[[tag]], "\\n")\n'
        f'y <- haven::read_sav("{done.name}.sav", user_na=TRUE)${name}\n'
        'cat("range", attributes(y)$na_range, "\\n")\n'
    )
    (done.folder / "tags.R").write_text(program)
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    ran = subprocess.run(
        ["Rscript", "tags.R"], cwd=done.folder, capture_output=True, text=True, check=False
    )
    if ran.returncode == 77:
        pytest.skip("haven is not installed")
    assert ran.returncode == 0, ran.stderr
    counts = Counter(row[name] for row in done.rows)
    lines = {f"{TAGS[code]} {counts[code]}" for code in TAGS if counts[code]}
    assert {*map(str.strip, ran.stdout.splitlines())} == {*lines, "range -7 -1"}


def blocks() -> list[tuple[str, str]]:
    """The blocks of the page on exports that a program can run."""
    found = re.findall(r"```(\w+)\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return [(kind, text) for kind, text in found if kind in ("r", "python", "spss")]


@pytest.mark.parametrize(("kind", "text"), blocks())
def test_the_blocks_of_the_page_run(
    export: Callable[[str], Export],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    text: str,
) -> None:
    folder = copied(export("en")[0], tmp_path)
    if kind == "python":
        monkeypatch.chdir(folder)
        exec(compile(text, str(DOCS), "exec"), {})
    elif kind == "spss":
        (folder / "block.sps").write_text(text, encoding="utf-8")
        said = run("pspp", "-O", "format=csv", "-o", "-", "block.sps", folder=folder)
        assert not re.search("warning|error", said, re.IGNORECASE)
    else:
        (folder / "block.R").write_text(text, encoding="utf-8")
        if "haven" in text and "haven" not in run(
            "Rscript", "-e", "cat(rownames(installed.packages()))", folder=folder
        ):
            pytest.skip("haven is not installed")
        run("Rscript", "block.R", folder=folder)


def test_long_labels_and_400_items_are_shortened_to_what_each_format_takes(
    tmp_path: Path,
) -> None:
    pyreadstat = pytest.importorskip("pyreadstat", reason=OF_EXTRA)
    pytest.importorskip("xlsxwriter", reason=OF_EXTRA)
    words = "Wie häufig nutzen Sie „Mikro-Zertifikate“ – żółć & <b> 'so' \"oder\"? " * 8 + "Ja?"
    scale = [{"code": f"c{n}", "label": f"{n} {words}"} for n in range(1, 6)]
    items = [
        {"id": f"item_{n:03}", "text": f"{n}: {words}", "options": scale, "kind": kind}
        for n in range(400)
        for kind in (("single", "multiple")[n % 2],)
    ]
    variables = variables_of(questionnaire_from({"items": items}))
    columns = [array("b", [v.labelled[-1].number if v.labelled else 1] * 12) for v in variables]
    dataset = DataSet(Microdata(variables, columns), "long", words, "de")
    for name in FORMATS:
        writer(name).write(dataset, tmp_path, lambda *_: None)
    found, about = pyreadstat.read_sav(
        str(tmp_path / "long.sav"), user_missing=True, output_format="dict"
    )
    assert [*found] == [v.name for v in variables]
    assert about.column_labels == [shortened(v.label, 255, in_bytes=True) for v in variables]
    found, about = pyreadstat.read_dta(
        str(tmp_path / "long.dta"), user_missing=True, output_format="dict"
    )
    assert [*found] == [v.name for v in variables]
    assert all(len(label) <= 80 for label in about.column_labels)
    wanted = {v.number: v.label for v in variables[1].values}
    assert wanted.items() <= about.variable_value_labels[variables[1].name].items()
    run("pspp", "-O", "format=csv", "-o", "-", "long.sps", folder=tmp_path)
