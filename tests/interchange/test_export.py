"""`microcred export`: the folder, the records in it, and everything that is refused."""

from __future__ import annotations

import errno
import gc
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.crypto.cipher import Age
from microcred_cli.crypto.keys import new_identity, plain_file
from microcred_cli.files import own_folder
from microcred_cli.interchange import extras, writers
from microcred_cli.interchange.microdata import shuffled_order
from microcred_cli.interchange.writers import csvw
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, response_id
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import Response
from microcred_cli.store.folder import Responses
from microcred_cli.store.index import hash_of
from microcred_cli.store.judge import Judge, as_line
from tests.cli.test_encrypted import Fieldwork, proven
from tests.interchange.exports import (
    Exported,
    built_in_export,
    cells_of,
    export_from,
    responses_to,
    seal_all,
)
from tests.places import built_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.cli.program import Place

HOSTILE = """
format: microcred-questionnaire/1
id: hostile
version: "1"
language: en
title: "=HYPERLINK(1)"
short_title: "@sum"
rights: "-"
background: {written: [], read_aloud: []}
sections:
  - id: main
    label: "+1 <b>"
    makes_partial: true
    items:
      - id: role
        kind: single
        concept: role
        required: soft
        seconds: 5
        quasi_identifier: true
        text: "=1+1 & <script>"
        options: [{code: boss, label: "=A1"}, {code: clerk, label: "#N/A"}]
      - id: only_bosses
        kind: multiple
        concept: tools
        required: soft
        seconds: 5
        text: "_x0041_ \\"quoted\\", 'single'"
        asked_if: {item: role, any_of: [boss]}
        options: [{code: saw, label: "https://x.org"}, {code: axe, label: "TRUE"}]
"""


def cells(record: Response, wanted: Sequence[str]) -> list[str]:
    """The expected cells of some items in a record."""
    recorded = stored(built_in().questionnaire)
    return [
        cell
        for item in recorded.items
        if item.id in wanted
        for cell in cells_of(
            record.answers, item, [o.code for o in recorded.options(item) if not o.ends]
        )
    ]


_KEPT: dict[str, tuple[Exported, tuple[str, str, str]]] = {}


@pytest.fixture
def export(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """An export of 60 responses to the built-in questionnaire, made once."""
    if "it" not in _KEPT:
        made = built_in_export(place)
        said = str(place.folder), made.ran.out, str(made.folder)
        kept = tmp_path_factory.mktemp("kept") / "data"
        shutil.copytree(made.folder, kept)
        _KEPT["it"] = Exported(made.ran, kept), said
    return _KEPT["it"][0]


def own_items() -> tuple[list[str], list[str]]:
    """The items that are never suppressed, and those that can be."""
    items = built_in().questionnaire.items
    marked = [item.id for item in items if item.quasi_identifier]
    return [item.id for item in items if item.id not in marked], marked


def columns_of(export: Exported, wanted: Sequence[str]) -> list[str]:
    """The columns of these items, by the position of the items in the questionnaire."""
    recorded = stored(built_in().questionnaire)
    names = iter(list(export.rows[0])[1:])
    found = []
    for item in recorded.items:
        options = [o.code for o in recorded.options(item) if not o.ends]
        count = len(cells_of({item.id: "pna"}, item, options))
        own = [next(names) for _ in range(count)]
        found += own if item.id in wanted else []
    return found


def test_every_value_is_that_of_a_sealed_response_or_suppressed(export: Exported) -> None:
    sealed = responses_to(built_in(), 60)
    kept, marked = own_items()
    columns = columns_of(export, kept)
    written = Counter(tuple(row[name] for name in columns) for row in export.rows)
    assert not written - Counter(tuple(cells(record, kept)) for record in sealed)
    left_out = int(export.readme["Records left out"])
    assert len(export.rows) == 60 - left_out
    suppressed = 0
    firsts = [columns_of(export, [item])[0] for item in marked]
    for name in (*firsts, "mode", "status", "duration_minutes"):
        suppressed += sum(row[name] == "suppressed" for row in export.rows)
    assert export.readme["Values suppressed"].startswith(f"{suppressed} (")
    assert suppressed > 0


def test_every_record_shares_its_quasi_identifiers_with_two_others(export: Exported) -> None:
    names = [*columns_of(export, own_items()[1]), "mode", "status", "duration_minutes"]
    groups = Counter(tuple(row[name] for name in names) for row in export.rows)
    assert min(groups.values()) >= 3


def test_a_larger_k_makes_larger_groups(place: Place) -> None:
    export = built_in_export(place, "--k", "7")
    names = [*columns_of(export, own_items()[1]), "mode", "status", "duration_minutes"]
    groups = Counter(tuple(row[name] for name in names) for row in export.rows)
    assert min(groups.values()) >= 7
    assert export.readme["k"] == "7"


def test_no_id_of_a_response_is_in_any_byte(export: Exported) -> None:
    ids = [r.response_id for r in responses_to(built_in(), 60)]
    data = b"".join(path.read_bytes() for path in export.folder.iterdir())
    assert len(data) > 100_000
    assert not any(each.encode() in data for each in ids)
    assert b"shuffle_seed" not in data
    assert _KEPT["it"][1][0].encode() not in data


def test_two_exports_have_the_same_records_in_another_order(place: Place) -> None:
    one = hostile(place, ["boss"] * 20 + ["clerk"] * 20)
    other = export_from(place, "--questionnaire", "hostile.yaml", to="again")

    def without_row(export: Exported) -> list[tuple[str, ...]]:
        return [tuple(v for name, v in row.items() if name != "row") for row in export.rows]

    assert without_row(one) != without_row(other)
    assert Counter(without_row(one)) == Counter(without_row(other))
    assert [row["row"] for row in one.rows] == [str(n + 1) for n in range(len(one.rows))]


def test_the_order_is_drawn_anew_each_time() -> None:
    assert sorted(shuffled_order(50)) == [*range(50)]
    assert shuffled_order(50) != shuffled_order(50)


def test_the_folder_is_private_and_has_the_files_that_it_explains(export: Exported) -> None:
    names = {path.name for path in export.folder.iterdir()}
    assert names == {
        "mc_employers.csv",
        "mc_employers.csv-metadata.json",
        "codebook.xml",
        "codebook.html",
        "README.txt",
    }
    text = (export.folder / "README.txt").read_text(encoding="utf-8")
    assert "NOT FOR PUBLICATION" in text
    assert "Synthetic data" in text
    assert all(name in text for name in names - {"README.txt"})
    _, out, folder = _KEPT["it"][1]
    assert out == "data\n"
    assert "confidential" in export.ran.err
    assert not list(Path(folder).parent.glob(".data*"))
    if os.name == "posix":
        assert stat.S_IMODE(export.folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(p.stat().st_mode) for p in export.folder.iterdir()} == {0o600}


def test_the_metadata_describe_every_column_and_every_code(export: Exported) -> None:
    columns = export.metadata["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == list(export.rows[0])
    for column in columns:
        assert "titles" not in column
        kind = column["datatype"]
        for value in {row[column["name"]] for row in export.rows} - set(column["null"]):
            if kind["base"] == "string":
                assert re.fullmatch(kind["format"], value), column["name"]
            else:
                assert kind["minimum"] <= int(value) <= kind.get("maximum", 60)


def test_labels_are_in_the_language_that_is_asked_for(place: Place) -> None:
    export = built_in_export(place, "--language", "fi")
    columns = export.metadata["tableSchema"]["columns"]
    assert columns[0]["dc:description"] == "Havainnon numero, satunnainen"
    assert '<html lang="fi">' in (export.folder / "codebook.html").read_text(encoding="utf-8")


def test_synthetic_data_are_marked_in_every_description(export: Exported) -> None:
    mark = "Nobody gave these answers."
    for name in ("codebook.html", "codebook.xml", "README.txt"):
        assert mark in (export.folder / name).read_text(encoding="utf-8")
    codebook = (export.folder / "codebook.xml").read_text(encoding="utf-8")
    assert "Synthetische Daten" in codebook
    assert mark in export.metadata["dc:description"]


@pytest.mark.parametrize("extension", ["sav", "dta", "parquet", "xlsx"])
def test_synthetic_data_are_marked_in_the_file(place: Place, extension: str) -> None:
    for package in writers.FORMATS[extension].needs:
        pytest.importorskip(package, reason="the extra export is not installed")
    sealed(place, ["boss"] * 12)
    export = export_from(place, "--questionnaire", "hostile.yaml", "--format", extension)
    data = export.path(extension).read_bytes()
    if extension == "xlsx":
        with zipfile.ZipFile(export.path(extension)) as parts:
            data = parts.read("docProps/core.xml")
    assert b"Synthetic data, generated by a program" in data


def test_an_empty_folder_is_used(place: Place) -> None:
    (place.folder / "data").mkdir(mode=0o755)
    export = hostile(place, ["boss"] * 12)
    assert os.name != "posix" or stat.S_IMODE(export.folder.stat().st_mode) == 0o700


def test_a_folder_left_unfinished_by_a_crash_is_removed(place: Place) -> None:
    left = place.folder / ".data.0123456789abcdef.part"
    left.mkdir()
    (left / "mc_employers.csv").write_text("row\n")
    other = place.folder / ".data.old.part"
    other.mkdir()
    hostile(place, ["boss"] * 12)
    assert not left.exists()
    assert other.exists()


@pytest.mark.parametrize("where", ["responses/data", "responses", "full", "file", "no/data", "../"])
def test_an_unsuitable_folder_is_refused(place: Place, where: str) -> None:
    seal_all(place.responses, built_in(), responses_to(built_in(), 20))
    (place.folder / "full").mkdir()
    (place.folder / "full" / "note.txt").write_text("x")
    (place.folder / "file").write_text("x")
    before = sorted(place.folder.rglob("*"))
    ran = place.run("export", where)
    assert ran.code == (4 if where == "no/data" else 2)
    assert ran.out == ""
    assert [p for p in sorted(place.folder.rglob("*")) if p.name != ".lock"] == before


def test_the_responses_folder_is_refused_even_without_its_terms(place: Place) -> None:
    seal_all(place.responses, built_in(), responses_to(built_in(), 20))
    (place.responses / "folder.json").unlink()
    ran = place.run("export", "responses/data")
    assert ran.code == 2
    assert "inside a responses folder" in ran.err
    assert not (place.responses / "data").exists()


def test_another_responses_folder_is_refused_too(place: Place) -> None:
    seal_all(place.folder / "other", built_in(), [])
    ran = place.run("export", "other/data")
    assert ran.code == 2
    assert "inside a responses folder" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "ods"], "csv, sav, dta, parquet, xlsx"),
        (["--k", "2"], "3 or more"),
        (["--k", "0"], "3 or more"),
        (["--k", "1"], "only for an encrypted folder"),
        (["--ddi", "3.3"], "2.5, 2.6"),
        (["--language", "xx"], "not available"),
        (["--identity", "none.key"], "key file cannot be used"),
    ],
)
def test_a_wrong_option_is_refused(place: Place, arguments: list[str], said: str) -> None:
    seal_all(place.responses, built_in(), responses_to(built_in(), 20))
    ran = place.run("export", "data", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert not (place.folder / "data").exists()


def test_a_missing_extra_is_named_with_the_line_to_type(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    ran = place.run("export", "data", "--format", "sav")
    assert ran.code == 2
    assert "pyreadstat" in ran.err
    assert re.search(r"pip install .+\[export\]", ran.err)


@pytest.mark.parametrize(
    ("extension", "limit"), [("dta", "MOST_CELLS"), ("xlsx", "MOST_ROWS_OF_A_SHEET")]
)
def test_too_many_records_for_a_format_are_refused_and_others_named(
    place: Place, monkeypatch: pytest.MonkeyPatch, extension: str, limit: str
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: True)
    monkeypatch.setattr(writers, limit, 11)
    sealed(place, ["boss"] * 12)
    ran = place.run("export", "data", "--questionnaire", "hostile.yaml", "--format", extension)
    assert ran.code == 2
    assert "csv or parquet" in ran.err
    assert not (place.folder / "data").exists()


@pytest.mark.parametrize("count", [0, 9])
def test_fewer_than_ten_sealed_responses_are_not_exported(place: Place, count: int) -> None:
    sealed = responses_to(built_in(), 9)[:count]
    responses = seal_all(place.responses, built_in(), sealed)
    for record in responses_to(built_in(), 30, seed=2):
        responses.store(record, [])
    ran = place.run("export", "data")
    assert ran.code == 5
    assert "microcred seal" in ran.err
    assert not (place.folder / "data").exists()


def test_sealed_responses_of_another_questionnaire_are_named(place: Place) -> None:
    seal_all(place.responses, built_in(), responses_to(built_in(), 20))
    place.write("hostile.yaml", HOSTILE)
    ran = place.run("export", "data", "--questionnaire", "hostile.yaml")
    assert ran.code == 5
    assert "folder.json: The folder was created for mc_employers." in ran.err
    assert "sealed/" in ran.err
    assert "No usable response is sealed" in ran.err


def test_a_smaller_k_is_proposed_only_if_there_is_one(place: Place) -> None:
    sealed(place, ["boss"] * 9 + ["clerk"] * 2)
    said = [
        place.run("export", "data", "--questionnaire", "hostile.yaml", "--k", k).err
        for k in ("3", "12")
    ]
    assert ["smaller --k" in each for each in said] == [False, True]


def test_no_folder_of_responses_is_an_error_of_storage(place: Place) -> None:
    assert place.run("export", "data").code == 4


def test_a_k_that_nobody_reaches_exports_nothing(place: Place) -> None:
    seal_all(place.responses, built_in(), responses_to(built_in(), 20))
    ran = place.run("export", "data", "--k", "50")
    assert ran.code == 5
    assert not (place.folder / "data").exists()


def test_a_full_disk_leaves_nothing_behind(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Iterator[None]:
        raise OSError(errno.ENOSPC, "No space left on device")

    seal_all(place.responses, built_in(), responses_to(built_in(), 20))
    before = sorted(place.folder.rglob("*"))
    monkeypatch.setattr(csvw, "_metadata", fail)
    ran = place.run("export", "data")
    assert ran.code == 4
    assert "disk is full" in ran.err
    assert [p for p in sorted(place.folder.rglob("*")) if p.name != ".lock"] == before


@pytest.mark.parametrize("extension", ["sav", "dta", "parquet", "xlsx"])
def test_an_error_of_a_library_names_the_file_and_leaves_nothing_behind(
    place: Place, monkeypatch: pytest.MonkeyPatch, extension: str
) -> None:
    for package in writers.FORMATS[extension].needs:
        pytest.importorskip(package, reason="the extra export is not installed")
    sealed(place, ["boss"] * 12)
    used = writers.writer(extension)
    ours = ["export", "data", "--questionnaire", "hostile.yaml", "--format", extension]
    for error in used.errors():

        def fail(*_: object, error: type[Exception] = error) -> None:
            raise error("no space")

        monkeypatch.setattr(used, "write", fail)
        ran = place.run(*ours)
        assert ran.code == 4
        assert f"hostile.{extension}" in ran.err
        assert not list(place.folder.glob("*data*"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no limits of file sizes")
@pytest.mark.parametrize("extension", ["sav", "dta", "parquet", "xlsx"])
def test_a_file_that_is_cut_short_is_an_error_and_leaves_nothing_behind(
    place: Place, monkeypatch: pytest.MonkeyPatch, extension: str
) -> None:
    """A limit of file sizes cuts files short just as a full disk does."""
    import resource

    for package in writers.FORMATS[extension].needs:
        pytest.importorskip(package, reason="the extra export is not installed")
    sealed(place, ["boss"] * 12)
    used = writers.writer(extension)
    write, before = used.write, resource.getrlimit(resource.RLIMIT_FSIZE)

    def limited(*arguments: Any) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
        try:
            write(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    monkeypatch.setattr(used, "write", limited)
    ran = place.run("export", "data", "--questionnaire", "hostile.yaml", "--format", extension)
    gc.collect()  # XlsxWriter leaves a temporary file open after an error
    assert (ran.code, ran.out) == (4, ""), ran.err
    assert not list(place.folder.glob("*data*"))


STOPPED = """
import os, signal, sys
from microcred_cli.__main__ import main
from microcred_cli.interchange.writers import csvw
signal.signal({number}, signal.SIG_DFL)  # nohup and similar programs ignore SIGHUP
csvw._metadata = lambda *_: os.kill(os.getpid(), {number})
sys.argv = ["microcred", "export", "data"]
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_while_files_are_written_leaves_nothing_behind(place: Place, name: str) -> None:
    seal_all(place.responses, built_in(), responses_to(built_in(), 20))
    before = sorted(place.folder.iterdir())
    program = STOPPED.format(number=int(getattr(signal, name)))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=place.folder, capture_output=True, check=False
    )
    assert done.returncode == 130
    assert sorted(place.folder.iterdir()) == before


def test_withdrawn_and_damaged_lines_are_left_out_and_damage_is_named(place: Place) -> None:
    records = responses_to(built_in(), 20)
    responses = seal_all(place.responses, built_in(), records)
    (place.responses / "withdrawn").write_text(hash_of(records[0].response_id) + "\n")
    responses.segments.create(iter([b'{"format": "no response"}\n']))
    ran = place.run("export", "data")
    assert ran.code == 0
    assert "sealed/" in ran.err
    export = Exported(ran, place.folder / "data")
    assert len(export.rows) + int(export.readme["Records left out"]) == 19


def sealed(
    place: Place, roles: Sequence[str], text: str = HOSTILE, clerks: str | list[str] = "not_asked"
) -> Path:
    """The file of a questionnaire whose labels look like formulas, with sealed responses."""
    path = Path(place.write("hostile.yaml", text))
    loaded = load(path)
    made: list[Response] = []
    for role in roles:
        tools = ["saw"] if role == "boss" else clerks
        name = response_id(f"{len(made):0{RECEIPT_SYMBOLS}d}")
        made.append(
            Response(
                response_id=name,
                questionnaire=Judge(loaded, None).ref,
                status="complete",
                mode="self",
                duration_minutes=None,
                shuffle_seed=None,
                synthetic=True,
                answers={"role": role, "only_bosses": tools},
            )
        )
    seal_all(place.responses, loaded, made)
    return path


def hostile(place: Place, roles: Sequence[str]) -> Exported:
    """An export of responses to a questionnaire whose labels look like formulas."""
    return export_from(place, "--questionnaire", str(sealed(place, roles)))


def test_a_record_that_the_route_gives_away_is_left_out_and_said(place: Place) -> None:
    """Only one clerk: the question for bosses was not asked, whatever is suppressed."""
    export = hostile(place, ["boss"] * 11 + ["clerk"])
    assert [row["role"] for row in export.rows] == ["boss"] * 11
    assert export.readme["Records left out"] == "1"
    assert "1 record was not exported" in export.ran.err


def test_an_answer_with_several_variables_counts_as_one_value(place: Place) -> None:
    for_all = HOSTILE.replace("        quasi_identifier: true\n", "")
    for_all = for_all.replace("asked_if: {item: role, any_of: [boss]}", "quasi_identifier: true")
    sealed(place, ["boss"] * 11 + ["clerk"], for_all, clerks=["axe"])
    export = export_from(place, "--questionnaire", "hostile.yaml")
    cells = sum(value == "suppressed" for row in export.rows for value in row.values())
    assert cells == 6
    assert export.readme["Values suppressed"] == "3 (in 3 records)"
    by_item = export.readme["Values suppressed by item"]
    assert sum(map(int, re.findall(r" (\d+)", by_item))) == 3


def test_what_cannot_be_hidden_is_not_suppressed(place: Place) -> None:
    export = hostile(place, ["boss"] * 9 + ["clerk"] * 3)
    assert Counter(row["role"] for row in export.rows) == {"boss": 9, "clerk": 3}
    assert export.readme["Values suppressed"].startswith("0 ")


def test_labels_that_look_like_formulas_or_markup_stay_text(place: Place) -> None:
    export = hostile(place, ["boss"] * 12)
    page = (export.folder / "codebook.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "=" not in export.path("csv").read_text(encoding="utf-8")
    assert json.dumps(export.metadata).count("=1+1") == 1


FINE = """
format: microcred-questionnaire/1
id: fine
version: "1"
language: en
title: Fine
short_title: Fine
rights: None
background: {written: [], read_aloud: []}
sections:
  - id: main
    label: Main
    makes_partial: true
    items:
      - id: people
        kind: integer
        concept: people
        required: soft
        seconds: 5
        quasi_identifier: true
        text: How many people?
        minimum: 0
        maximum: 90000
        stored_as:
          - {code: few, label: Few, min: 0, max: 9}
          - {code: many, label: Many, min: 10, max: 90000}
"""


class TestEncrypted:
    @pytest.fixture
    def fieldwork(self, place: Place) -> Fieldwork:
        """Twelve responses in full detail, encrypted, with numbers that are all different."""
        found = proven(place)
        path = Path(place.write("fine.yaml", FINE))
        loaded = load(path)
        secret = found.keys[0].read_text().splitlines()[-1]
        responses = Responses(place.responses, Age(found.public, (secret,)))
        responses.prepare("fine", detail="full")
        own_folder(place.responses / "sealed")
        records = (
            Response(
                response_id=response_id(f"{number:0{RECEIPT_SYMBOLS}d}"),
                questionnaire=Judge(loaded, None).ref,
                status="complete",
                mode="self",
                detail="full",
                language="en",
                duration_minutes=5,
                shuffle_seed=3,
                answers={"people": 40_000 + number},
            )
            for number in range(12)
        )
        responses.segments.create(as_line(record) + b"\n" for record in records)
        return found

    def test_full_detail_has_fine_answers_and_the_language(self, fieldwork: Fieldwork) -> None:
        ran = fieldwork.run("export", "data", "--questionnaire", "fine.yaml", "--k", "1")
        assert ran.code == 0, ran.all
        assert "not anonymous" in ran.err
        export = Exported(ran, fieldwork.place.folder / "data")
        assert sorted(row["people"] for row in export.rows) == [str(40_000 + n) for n in range(12)]
        assert {row["language"] for row in export.rows} == {"en"}
        assert {row["duration_minutes"] for row in export.rows} == {"5"}

    def test_fine_answers_are_suppressed_too(self, fieldwork: Fieldwork) -> None:
        ran = fieldwork.run("export", "data", "--questionnaire", "fine.yaml")
        export = Exported(ran, fieldwork.place.folder / "data")
        assert {row["people"] for row in export.rows} == {"suppressed"}

    def test_without_its_key_it_is_refused(self, fieldwork: Fieldwork) -> None:
        other, _ = new_identity()
        (fieldwork.place.folder / "other.key").write_bytes(plain_file(other))
        for key in ([], ["--identity", "other.key"], ["--identity", "none.key"]):
            ran = fieldwork.place.run("export", "data", "--questionnaire", "fine.yaml", *key)
            assert ran.code == 2
            assert not (fieldwork.place.folder / "data").exists()
