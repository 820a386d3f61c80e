"""`microcred summary`: options, streams, exit codes, and the same figures in every format."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from microcred_cli.cli.sealed_figures import NOT_WRITTEN
from microcred_cli.errors import ExitCode, StoreError
from microcred_cli.records import simulation
from microcred_cli.summary.formats.words import NEVER_BROKEN_DOWN
from tests.questionnaire.sample import SAMPLE
from tests.scenario import builtin

if TYPE_CHECKING:
    from tests.cli.program import Place, Ran

FORMATS = ("table", "json", "csv", "markdown", "html")


_SEALED: dict[str, Path] = {}
"""A folder with 200 sealed responses, created once for all tests."""


@pytest.fixture
def crowd(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place with 200 synthetic responses to a small questionnaire."""
    place.write("sample.yaml", SAMPLE)
    if "crowd" not in _SEALED:
        # In this population, enough people are the boss, and no table is rounded to 10.
        with mock.patch.object(simulation, "_POPULATION", 2):
            made = place.simulate(200, "--questionnaire", "sample.yaml")
        assert made.code == 0, made.err
        assert place.run("seal", "--questionnaire", "sample.yaml").code == 0
        kept = tmp_path_factory.mktemp("sealed") / "responses"
        _SEALED["crowd"] = Path(shutil.copytree(place.responses, kept))
    else:
        shutil.copytree(_SEALED["crowd"], place.responses)
    return place


def few(place: Place, count: int) -> Place:
    """A place with `count` responses."""
    place.write("sample.yaml", SAMPLE)
    if count:
        place.simulate(count, "--questionnaire", "sample.yaml")
    else:
        place.responses.mkdir(0o700)
    return place


def summary(place: Place, *options: str) -> Ran:
    return place.run("summary", "--questionnaire", "sample.yaml", *options)


def as_json(place: Place, *options: str) -> dict[str, Any]:
    return dict(json.loads(summary(place, "--format", "json", *options).out))


STANDING = (
    "200 received, 200 counted, 0 waiting; responses are sealed 10, 15, 20 … at a time: "
    "10 more needed.\n"
)


class TestFigures:
    def test_json_is_the_contract(self, crowd: Place) -> None:
        shape = as_json(crowd, "--by", "role")
        assert list(shape) == [
            "format", "questionnaire", "synthetic", "responses", "by", "rule", "tables",
        ]  # fmt: skip
        assert shape["questionnaire"] == {"id": "sample", "version": "1.0.0"}
        assert shape["synthetic"] is True
        assert shape["responses"] == 200
        assert shape["rule"] == {"masked_below": 8, "rounded_to": 5, "smallest_group": 10}
        for table in shape["tables"]:
            assert list(table) == [
                "item", "row", "kind", "label", "group", "base", "withheld", "cells",
            ]  # fmt: skip
            for cell in table["cells"]:
                assert list(cell) == ["code", "label", "count", "percent", "masked"]
                assert cell["masked"] is (cell["count"] is None)
                assert cell["count"] is None or (cell["count"] % 5 == 0 and cell["count"] >= 10)

    def test_the_tables_of_everyone_are_the_same_with_a_breakdown(self, crowd: Place) -> None:
        alone = as_json(crowd)["tables"]
        assert [t for t in as_json(crowd, "--by", "role")["tables"] if not t["group"]] == alone

    def test_the_same_figures_come_again(self, crowd: Place) -> None:
        assert summary(crowd).out == summary(crowd).out

    @pytest.mark.parametrize("options", [(), ("--by", "role"), ("--by", "size")])
    def test_csv_says_what_json_says(self, crowd: Place, options: tuple[str, ...]) -> None:
        out = summary(crowd, "--format", "csv", *options).out
        read = [
            (row["item"], row["row"], row["group"], row["code"], row["count"], row["percent"])
            for row in csv.DictReader(io.StringIO(out, newline=""))
            if row["code"]
        ]
        wanted = [
            tuple(
                "" if part is None else str(part)
                for part in (t["item"], t["row"], t["group"], c["code"], c["count"], c["percent"])
            )
            for t in as_json(crowd, *options)["tables"]
            for c in t["cells"]
        ]
        assert read == wanted

    @pytest.mark.parametrize("output", FORMATS)
    def test_one_question_can_be_chosen(self, crowd: Place, output: str) -> None:
        out = summary(crowd, "--question", "size", "--format", output).out
        assert re.search("Size|How large", out)
        assert not re.search("[Tt]rust|How much", out)

    def test_some_questions_can_be_chosen(self, crowd: Place) -> None:
        shape = as_json(crowd, "--question", "trust", "--question", "uses")
        assert {table["item"] for table in shape["tables"]} == {"trust", "uses"}

    def test_one_group_can_be_chosen(self, crowd: Place) -> None:
        shape = as_json(crowd, "--by", "role", "--group", "boss")
        assert {table["group"] for table in shape["tables"]} == {"boss"}
        for output in FORMATS:
            ran = summary(crowd, "--by", "role", "--group", "boss", "--format", output)
            assert ran.code == 0

    def test_texts_are_in_no_format(self, crowd: Place) -> None:
        pools = (crowd.responses / "sealed" / "texts").iterdir()
        lines = [line for pool in pools for line in pool.read_text("utf-8").splitlines()]
        typed = [json.loads(line)["text"] for line in lines]
        assert typed
        for output in FORMATS:
            out = summary(crowd, "--format", output).out
            assert not any(text and text in out for text in typed if len(text) > 12)


class TestStreams:
    def test_results_go_out_and_messages_apart(self, crowd: Place) -> None:
        ran = summary(crowd)
        assert ran.code == 0
        assert ran.out.startswith("Sample\n")
        assert ran.err == STANDING

    @pytest.mark.parametrize("options", [(), ("--plain",), ("--rich",)])
    def test_no_escape_is_written_where_there_is_no_terminal(
        self, crowd: Place, options: tuple[str, ...]
    ) -> None:
        ran = summary(crowd, "--by", "role", *options)
        assert ran.code == 0
        assert "\x1b" not in ran.all

    def test_plain_has_one_figure_to_a_line(self, crowd: Place) -> None:
        assert "█" in summary(crowd).out
        assert "█" not in summary(crowd, "--plain").out

    def test_who_needs_plain_lines_gets_them(
        self, crowd: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ACCESSIBLE", "1")
        assert "█" not in summary(crowd).out
        assert "█" in summary(crowd, "--rich").out

    def test_columns_are_heeded(self, crowd: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "50")
        assert all(len(line) <= 50 for line in summary(crowd).out.splitlines())

    @pytest.mark.parametrize("output", FORMATS)
    def test_what_is_published_says_the_same_at_none_and_at_nine(
        self, crowd: Place, output: str
    ) -> None:
        before = summary(crowd, "--format", output)
        crowd.simulate(9, "--questionnaire", "sample.yaml", seed=2)
        after = summary(crowd, "--format", output)
        assert before.out == after.out
        assert before.err == STANDING
        assert after.err.startswith(
            "209 received, 200 counted, 9 waiting; responses are sealed 10, 15, 20 …"
        )
        assert after.err.endswith(": 1 more needed.\n")

    def test_what_waits_is_for_staff_to_seal(self, crowd: Place) -> None:
        before = summary(crowd, "--format", "json")
        crowd.simulate(39, "--questionnaire", "sample.yaml", seed=2)
        for _ in range(2):
            after = summary(crowd, "--format", "json")
            assert after.out == before.out
            assert "239 received, 200 counted, 39 waiting; microcred seal will seal 35" in after.err
        assert crowd.run("seal", "--questionnaire", "sample.yaml").code == 0
        assert summary(crowd, "--format", "json").out != before.out

    @pytest.mark.parametrize("output", FORMATS)
    def test_a_file_gets_what_standard_output_gets(self, crowd: Place, output: str) -> None:
        crowd.write("there.txt", "something else")
        shown = summary(crowd, "--format", output, "--by", "role").out
        ran = summary(crowd, "--format", output, "--by", "role", "--output", "there.txt")
        assert ran.code == 0
        assert ran.out == ""
        assert (crowd.folder / "there.txt").read_bytes().decode() == shown
        assert "there.txt" in ran.err

    @pytest.mark.parametrize(
        ("name", "output"),
        [
            ("report.html", "html"),
            ("report.HTM", "html"),
            ("figures.json", "json"),
            ("figures.csv", "csv"),
            ("report.md", "markdown"),
            ("report.txt", "table"),
        ],
    )
    def test_the_name_of_the_file_says_the_format(
        self, crowd: Place, name: str, output: str
    ) -> None:
        assert summary(crowd, "--output", name).code == 0
        shown = summary(crowd, "--format", output).out
        assert (crowd.folder / name).read_bytes().decode() == shown

    @pytest.mark.parametrize("name", ["figures", "figures.txt"])
    def test_a_format_that_is_named_goes_into_a_file_of_no_other_format(
        self, crowd: Place, name: str
    ) -> None:
        assert summary(crowd, "--format", "csv", "--output", name).code == 0
        assert (crowd.folder / name).read_text("utf-8").startswith("item,row,")

    @pytest.mark.parametrize(
        ("name", "options"),
        [("other.data", ()), ("other", ()), ("rep.docx", ()), ("rep.docx", ("--format", "html"))],
    )
    def test_a_file_needs_an_ending_that_is_known(
        self, crowd: Place, name: str, options: tuple[str, ...]
    ) -> None:
        ran = summary(crowd, *options, "--output", name)
        assert ran.code == 2
        assert ".txt, .json, .csv, .md, .markdown, .html, .htm" in ran.err
        assert not (crowd.folder / name).exists()

    def test_an_ending_of_another_format_is_refused(self, crowd: Place) -> None:
        ran = summary(crowd, "--format", "html", "--output", "report.CSV")
        assert ran.code == 2
        assert "The format is html, but the file extension .csv means csv." in ran.err
        assert not (crowd.folder / "report.CSV").exists()

    @pytest.mark.parametrize("command", ["summary", "respond", "interview", "resume"])
    def test_plain_and_rich_exclude_each_other(self, place: Place, command: str) -> None:
        for options in (("--plain", "--rich"), ("--rich", "--plain")):
            ran = place.run(command, *options)
            assert ran.code == 2
            assert "--plain and --rich cannot be combined." in ran.err
            assert ran.out == ""

    @pytest.mark.parametrize("option", ["--plain", "--rich"])
    def test_what_changes_the_table_only_says_so(self, crowd: Place, option: str) -> None:
        ran = summary(crowd, option, "--format", "json")
        assert ran.code == 0
        assert ran.out == summary(crowd, "--format", "json").out
        assert ran.err.startswith(f"{option} applies only to the table format")
        assert summary(crowd, option).err == STANDING

    def test_what_is_left_out_is_named_in_order_with_what_to_do(self, crowd: Place) -> None:
        for name in ("b.json", "d.jpg", "a.json", "c.txt"):
            (crowd.responses / name).write_text("{}")
        for command in ("summary", "seal"):
            said = crowd.run(command, "--questionnaire", "sample.yaml").err.splitlines()
            named = [line.partition(":")[0] for line in said if line[1:2] == "."]
            assert named == ["a.json", "b.json", "c.txt", "d.jpg"]
            count = said.index("Files with errors: 4")
            assert said[count + 1].startswith("These files were not moved")

    def test_the_path_of_what_cannot_be_written_is_said(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise StoreError("Your user may not write.", where="the/place", hint="Ask.")

        few(place, 12)
        monkeypatch.setattr("microcred_cli.files.locking._hold", refuse)
        ran = summary(place)
        assert f"microcred: Your user may not write. {NOT_WRITTEN} [the/place]" in ran.err

    def test_the_last_figures_are_printed_though_a_sealed_file_is_damaged(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """If nothing can be written, nothing is sealed: the last figures need no sealed file."""
        assert place.simulate(20).code == 0
        assert place.run("seal").code == 0
        before = place.run("summary").out
        assert place.simulate(23, seed=2).code == 0
        (path,) = (place.responses / "sealed").glob("*.jsonl")
        path.write_bytes(path.read_bytes()[:-1])

        def refuse(*_: object, **__: object) -> None:
            raise StoreError("Your user may not write.", where="the/place", hint="Ask.")

        monkeypatch.setattr("microcred_cli.files.locking._hold", refuse)
        ran = place.run("summary")
        assert (ran.code, ran.out) == (0, before)


class TestLanguage:
    """The built-in questionnaire, which has translations."""

    @pytest.fixture
    def survey(self, place: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
        if "survey" not in _SEALED:
            assert place.simulate(60).code == 0
            assert place.run("seal").code == 0
            kept = tmp_path_factory.mktemp("survey") / "responses"
            _SEALED["survey"] = Path(shutil.copytree(place.responses, kept))
        else:
            shutil.copytree(_SEALED["survey"], place.responses, dirs_exist_ok=True)
        return place

    def test_labels_change_and_nothing_else(self, survey: Place) -> None:
        def run(*options: str) -> str:
            ran = survey.run("summary", "--by", "org_role", *options)
            assert ran.code == 0
            return ran.out

        figures = survey.responses / "figures.json"
        before = figures.read_bytes()
        english, german = (
            json.loads(run("--format", "json", *more)) for more in ((), ("--language", "de"))
        )
        in_english, in_german = _taken(english, "label"), _taken(german, "label")
        assert english == german
        assert in_english != in_german
        assert "Arbeitgeber" in run("--language", "de")
        assert "Employers" in run()
        assert "A chamber, sector body" not in run()
        for output in FORMATS:
            assert run("--format", output) == run("--format", output, "--language", "en")
        assert figures.read_bytes() == before

    def test_messages_to_staff_stay_as_they_are(self, survey: Place) -> None:
        assert survey.run("summary", "--language", "fr").err == survey.run("summary").err

    def test_one_that_there_is_not_is_answered_by_those_that_there_are(self, survey: Place) -> None:
        ran = survey.run("summary", "--language", "xx")
        assert ran.code == 2
        assert "en, de, es, fi, fr, nl, pl, sl" in ran.err

    def test_the_days_of_the_settings_stand_in_the_head(self, survey: Place) -> None:
        survey.write("fieldwork.toml", "respond_by = 2027-05-31\n")
        assert "Please answer by: 31 May 2027" in survey.run("summary").out
        german = survey.run("summary", "--language", "de", "--format", "html").out
        assert "31. Mai 2027" in german


def _taken(shape: dict[str, Any], key: str) -> list[str]:
    """Remove every value under a key; returns the removed values."""
    found = [shape.pop(key)] if key in shape else []
    for value in shape.values():
        for part in value if isinstance(value, list) else ():
            found += _taken(part, key)
    return found


class TestEveryoneOnly:
    """Questions that define a breakdown are not broken down."""

    @pytest.mark.parametrize("output", FORMATS)
    def test_a_group_of_such_a_question_is_nothing_to_show(self, crowd: Place, output: str) -> None:
        ran = summary(crowd, "--by", "role", "--group", "boss", "--question", "size",
                      "--format", output)  # fmt: skip
        assert ran.code == 5
        assert NEVER_BROKEN_DOWN in ran.err
        assert " received, " in ran.err
        if output == "json":
            shape = json.loads(ran.out)
            assert list(shape) == list(as_json(crowd))
            assert shape["tables"] == []
        else:
            assert ran.out == ""

    @pytest.mark.parametrize("output", FORMATS)
    def test_such_a_question_beside_others_is_named(self, crowd: Place, output: str) -> None:
        asked = ("--by", "role", "--question", "size", "--question", "trust")
        for more in ((), ("--group", "boss")):
            ran = summary(crowd, *asked, *more, "--format", output)
            assert ran.code == 0
            assert f"Not broken down: size. {NEVER_BROKEN_DOWN}" in ran.err
        ran = summary(crowd, "--by", "role", "--question", "trust", "--format", output)
        assert "Not broken down" not in ran.err
        assert "Not broken down" not in summary(crowd, "--by", "role", "--format", output).err

    @pytest.mark.parametrize("output", ["table", "markdown", "html"])
    def test_the_notes_of_a_breakdown_say_so(self, crowd: Place, output: str) -> None:
        read = " ".join(summary(crowd, "--by", "role", "--format", output).out.split())
        assert NEVER_BROKEN_DOWN in read
        alone = " ".join(summary(crowd, "--format", output).out.split())
        assert NEVER_BROKEN_DOWN not in alone


LOST = {
    "full": ('exec "$@" >/dev/full', "No space left on device"),
    "closed": ('exec "$@" >&-', "it is closed"),
}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
class TestLostOutput:
    @pytest.mark.parametrize("how", LOST)
    @pytest.mark.parametrize("unbuffered", ["", "1"])
    @pytest.mark.parametrize("output", ["table", "csv", "check"])
    def test_what_cannot_be_delivered_is_said(
        self, crowd: Place, how: str, output: str, unbuffered: str
    ) -> None:
        shell, why = LOST[how]
        options = ("check",) if output == "check" else ("summary", "--format", output)
        ran = crowd.spawn(
            *options,
            "--questionnaire",
            "sample.yaml",
            before=["sh", "-c", shell, "sh"],
            environment={"PYTHONUNBUFFERED": unbuffered},
        )
        assert ran.code == 4
        assert f"microcred: Could not write to standard output: {why}." in ran.err
        assert "bug in microcred" not in ran.err
        assert "Exception" not in ran.err

    @pytest.mark.parametrize("how", LOST)
    def test_what_has_nothing_to_deliver_is_done(self, crowd: Place, how: str) -> None:
        ran = crowd.spawn("seal", "--questionnaire", "sample.yaml",
                          before=["sh", "-c", LOST[how][0], "sh"])  # fmt: skip
        assert ran.code == 0

    @pytest.mark.parametrize("output", ["table", "json"])
    def test_who_reads_only_the_beginning_is_not_told_off(self, crowd: Place, output: str) -> None:
        ran = crowd.spawn(
            *("summary", "--questionnaire", "sample.yaml", "--format", output),
            before=["sh", "-c", '"$@" | head -c 1', "sh"],
        )
        assert len(ran.out) == 1
        assert ran.err == STANDING

    @pytest.mark.parametrize("colour", ["", "1"])
    def test_for_the_shell_that_is_no_failure(self, crowd: Place, colour: str) -> None:
        ran = crowd.spawn(
            *("summary", "--questionnaire", "sample.yaml", "--by", "role"),
            before=["sh", "-c", '{ "$@"; echo "code $?" >&2; } | true', "sh"],
            environment={"FORCE_COLOR": colour} if colour else {},
        )
        assert ran.err.endswith("more needed.\ncode 0\n")
        assert "Traceback" not in ran.err


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--by", "nothing"), "role, size, relation, count"),
            (("--question", "nothing"), "role, size, uses, order, trust, count"),
            (("--by", "role", "--group", "nothing"), "boss, "),
            (("--group", "boss"), "--by"),
            (("--format", "pdf"), "table, json, csv, markdown, html, xlsx"),
            (("--language", "xx"), "Use one of: en."),
            (("--output", "rep.docx"), ".txt, .json, .csv, .md, .markdown, .html, .htm, .xlsx"),
        ],
    )
    def test_what_does_not_exist_is_answered_by_what_does(
        self, crowd: Place, options: tuple[str, ...], said: str
    ) -> None:
        ran = summary(crowd, *options)
        assert ran.code == 2
        assert ran.out == ""
        assert said in ran.err

    def test_a_breakdown_is_known_even_before_anyone_answered(self, place: Place) -> None:
        assert summary(few(place, 0), "--by", "nothing").code == 2

    @pytest.mark.parametrize("count", [0, 1, 9])
    @pytest.mark.parametrize("output", FORMATS)
    def test_of_fewer_than_ten_nothing_is_shown(
        self, place: Place, count: int, output: str
    ) -> None:
        ran = summary(few(place, count), "--format", output)
        assert ran.code == 5
        assert " received, " in ran.err
        if output == "json":
            shape = json.loads(ran.out)
            assert shape["responses"] is None
            assert shape["tables"] == []
        else:
            assert ran.out == ""

    def test_nobody_can_tell_none_from_nine(self, place: Place) -> None:
        nobody, nine = summary(few(place, 0)), summary(few_more(place))
        assert nobody.out == nine.out
        # Only staff are told, on standard error, and only in that line.
        assert nobody.err.splitlines()[1:] == nine.err.splitlines()[1:]
        assert nine.err.startswith("9 received, 0 counted, 9 waiting; ")

    def test_a_breakdown_of_one_group_is_not_offered(self, place: Place) -> None:
        # A group needs ten people, so eleven responses have at most one group.
        ran = summary(few(place, 11), "--by", "role", "--format", "json")
        assert ran.code == 5
        assert json.loads(ran.out)["tables"] == []
        assert json.loads(ran.out)["responses"] is None
        assert summary(place).code == 0

    def test_a_folder_that_is_not_there_is_said(self, place: Place) -> None:
        place.write("sample.yaml", SAMPLE)
        ran = summary(place)
        assert ran.code == 4
        assert "This folder does not exist." in ran.err
        assert " received, " not in ran.err

    def test_the_folder_of_the_responses_takes_no_report(self, crowd: Place) -> None:
        ran = summary(crowd, "--output", str(crowd.responses / "report.json"))
        assert ran.code == 2
        assert not (crowd.responses / "report.json").exists()

    def test_a_file_that_cannot_be_written_is_said(self, crowd: Place) -> None:
        ran = summary(crowd, "--output", "nowhere/report.json")
        assert ran.code == 4
        assert "The folder for this file does not exist. [nowhere]" in ran.err
        assert summary(crowd, "--output", str(crowd.folder)).code == 2

    def test_a_broken_definition_is_said(self, place: Place) -> None:
        place.responses.mkdir(0o700)
        place.write("sample.yaml", "format: nothing\n")
        assert summary(place).code == 3


def few_more(place: Place) -> Place:
    place.simulate(9, "--questionnaire", "sample.yaml")
    return place


def test_labels_that_mean_something_elsewhere_are_shown_as_they_are(place: Place) -> None:
    sign = "'=1+1|<b>*x*'"
    place.write("sample.yaml", SAMPLE.replace("label: Small or middle", f"label: {sign}"))
    made = place.simulate(200, "--questionnaire", "sample.yaml")
    assert made.code == 0, made.err
    shown = {
        "table": "=1+1|<b>*x*",
        "json": '"=1+1|<b>*x*"',
        "csv": ",'=1+1|<b>*x*,",
        "markdown": r"| =1+1\|\<b\>\*x\* |",
        "html": "=1+1|&lt;b&gt;*x*",
    }
    for output in FORMATS:
        assert shown[output] in summary(place, "--format", output).out


def test_the_file_is_private_and_whole(crowd: Place) -> None:
    path: Path = crowd.folder / "report.html"
    summary(crowd, "--format", "html", "--output", str(path))
    assert path.read_text(encoding="utf-8").endswith("</html>\n")
    assert [p.name for p in crowd.folder.iterdir() if p.name.endswith(".part")] == []


def test_a_seal_says_the_command_that_shows_its_figures(place: Place) -> None:
    place.write("my survey.yaml", SAMPLE)
    options = ("--questionnaire", "my survey.yaml", "--responses", "kept here")
    assert place.run("simulate", "12", "--seed", "1", *options).code == 0
    said = place.run("seal", *options).err.splitlines()[0]
    assert said.startswith("Sealed. To show the new figures: microcred summary --")
    command = shlex.split(said.partition("now: ")[2])
    assert place.run(*command[1:]).code == 0


def test_the_help_names_the_breakdowns(place: Place) -> None:
    shown = place.run("summary", "--help").out
    assert all(re.search(rf"\b{name}\b", shown) for name in builtin().breakdowns)


def test_the_readme_names_the_breakdowns_and_every_exit_code() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## See the results")[2].partition("\n## ")[0]
    assert all(f"`{name}`" in section for name in builtin().breakdowns)
    codes = re.findall(r"^\| (\d+) \|", readme, re.MULTILINE)
    assert codes == [str(int(code)) for code in ExitCode]


def test_the_lines_in_the_readme_run(place: Place) -> None:
    readme = Path(__file__).parents[2] / "README.md"
    section = readme.read_text(encoding="utf-8").partition("## See the results")[2]
    (block,) = re.findall(r"```sh\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    assert place.simulate(120).code == 0
    for line in block.splitlines():
        words = line.partition("#")[0].split()
        assert words[0] == "microcred"
        ran = place.run(*words[1:])
        if "report.xlsx" in words and "Install the extra export" in ran.err:
            continue
        assert ran.code == 0, ran.err
    assert (place.folder / "report.html").exists()
