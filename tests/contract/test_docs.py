"""README, docs and help match the program."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import microcred_cli
from microcred_cli.cli.app import COMMANDS as TABLE
from microcred_cli.cli.app import FIRST_OF
from microcred_cli.errors import ExitCode
from microcred_cli.interview.script import walk_answers
from tests.cli.commands import commands
from tests.scenario import builtin

if TYPE_CHECKING:
    from tests.cli.program import Place

ROOT = Path(__file__).parents[2]
NAMING_NO_COMMAND = ("CONTRIBUTING.md", "figures.md")
AT_THE_TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
PAGES = [*(ROOT / name for name in AT_THE_TOP), *sorted((ROOT / "docs").glob("*.md"))]


COMMANDS = commands()


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_help(place: Place, words: str) -> None:
    ran = place.run(*words.split()[1:], "--help")
    assert ran.code == 0
    assert ran.err == ""
    assert "Usage: " in ran.out


@pytest.mark.parametrize(
    "words", [words for words, command in COMMANDS.items() if getattr(command, "commands", {})]
)
def test_no_line_on_a_command_is_cut_at_80_columns(
    place: Place, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = place.run(*words.split()[1:], "--help").out.partition("Commands:\n")[2]
    assert len(shown.splitlines()) == len(COMMANDS[words].commands)
    assert "..." not in shown
    assert "…" not in shown


@pytest.mark.parametrize(
    "words",
    COMMANDS,
)
def test_every_command_gives_an_example_that_is_itself(place: Place, words: str) -> None:
    shown = " ".join(place.run(*words.split()[1:], "--help").out.split())
    example = re.search(r"Example: (microcred [\w ./-]*)", shown)
    assert example is not None
    assert example[1].startswith(words)
    for option in re.findall(r"--[\w-]+", example[1]):
        assert option in _options(words)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_has_help(words: str) -> None:
    for parameter in COMMANDS[words].params:
        assert getattr(parameter, "help", ""), parameter.name


def test_the_program_alone_says_what_one_can_do_next(place: Place) -> None:
    ran = place.run()
    assert ran.code == 0
    assert ran.err == ""
    lines = ran.out.splitlines()
    assert len(lines) <= 20
    assert all(len(line) <= 80 for line in lines)
    listed = re.findall(r"^(?:[A-Z]\w+)? +([a-z, ]+?)  *[A-Z]", ran.out, re.MULTILINE)
    assert [name for names in listed for name in names.split(", ")] == [*TABLE]
    assert set(FIRST_OF) <= set(TABLE)
    assert place.run("--version").out.startswith("microcred 0.")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_on_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`(microcred(?: [^`\n]*)?)`", text)
    options = re.findall(r"`(--[a-z-]+)", text)
    assert len(named) + len(options) > 0 or page.name in NAMING_NO_COMMAND
    for code in named:
        words = before = "microcred"
        for word in code.split()[1:]:
            if f"{words} {word}" in COMMANDS:
                words = f"{words} {word}"
            elif word.startswith("--"):
                assert word in _options(words), code
            elif not before.startswith("--"):
                assert word.isupper() or word.isdigit() or word in ("...", "-"), code
            before = word
    for option in options:
        assert any(option in _options(words) for words in COMMANDS), option


def _options(words: str) -> set[str]:
    parameters = COMMANDS[words].params
    return {o for p in parameters for o in (*p.opts, *p.secondary_opts)} | {"--help"}


@pytest.mark.parametrize(
    "words",
    [w for w, c in COMMANDS.items() if not getattr(c, "commands", {}) and w.count(" ") == 1],
)
def test_every_command_stands_in_the_readme(words: str) -> None:
    assert words in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_promise_of_the_threat_model_has_a_number_and_tests_that_exist() -> None:
    page = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    promises = re.findall(r"^\| (\d+) \| .* \| (.*) \|$", page, re.M)
    assert [int(number) for number, _ in promises] == [*range(1, len(promises) + 1)]
    for _, shown in promises:
        tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", shown)
        assert len(tests) == shown.count("`") / 2 > 0
        for path, name in tests:
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), name
    named = {
        int(each)
        for group in re.findall(r"\((\d+(?:, \d+)*)\)", page)
        for each in group.split(", ")
    }
    assert named <= {int(number) for number, _ in promises}
    assert len(named) > 0


def test_every_link_to_another_page_leads_somewhere() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target, part in re.findall(r"\]\(([\w./-]+\.md)?(?:#([\w-]+))?\)", text):
            there = (page.parent / target if target else page).read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.*)$", there, re.M)
            anchors = {
                re.sub(r"[^\w -]", "", each).casefold().replace(" ", "-") for each in headings
            }
            assert not part or part in anchors, f"{page.name}: {target}#{part}"


def test_the_page_on_definitions_begins_with_the_file_that_new_writes(place: Place) -> None:
    assert place.run("questionnaire", "new", str(place.folder / "my_survey.yaml")).code == 0
    page = (ROOT / "docs" / "definition.md").read_text(encoding="utf-8")
    (first, *_) = re.findall(r"```yaml\n(.*?)```", page, re.S)
    assert first == (place.folder / "my_survey.yaml").read_text(encoding="utf-8")


def test_every_variable_of_the_environment_that_a_page_names_is_read() -> None:
    sources = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "microcred_cli").rglob("*.py"))
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    names = set(re.findall(r"`(MICROCRED_\w+)`", pages))
    assert len(names) > 0
    for name in names:
        assert f'"{name}"' in sources


def test_the_block_of_python_in_the_readme_conducts_an_interview() -> None:
    (block,) = _blocks_of_python("README.md")
    assert _printed(block, {}) == [f"complete {len(builtin().items)} items"]


def test_the_blocks_of_the_page_on_python_run_one_after_the_other(place: Place) -> None:
    """The blocks run in the folder of `place`; the last two print something."""
    names: dict[str, object] = {}
    printed = [_printed(block, names) for block in _blocks_of_python("docs/python.md")]
    assert printed[:-2] == [[], [], []]
    assert len(printed[-2]) == len(names["table"].cells)  # type: ignore[attr-defined]
    assert printed[-1] == ["Fewer than 10 responses are sealed, so nothing can be shown."]
    assert len(place.files) == 1


def test_the_names_of_the_package_are_those_of_the_page() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    (first,) = re.findall(r"^The package exports .*", page, re.M)
    assert sorted(re.findall(r"`(\w+)`", first)) == microcred_cli.__all__
    for name in microcred_cli.__all__:
        assert callable(getattr(microcred_cli, name))
    assert not hasattr(microcred_cli, "nothing_else")


def _blocks_of_python(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.S)


def _printed(block: str, names: dict[str, object]) -> list[str]:
    """The lines that a block prints; `names` contains the variables of earlier blocks."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, "block", "exec"), names)
    return printed.getvalue().splitlines()


def test_the_numbers_of_questions_in_the_readme_are_those_of_the_routes() -> None:
    from microcred_cli.questionnaire.routes import routes

    counts = [len(route.items) for route in routes(builtin()) if not route.ends]
    assert f"{min(counts)} to {max(counts)} questions" in _readme()


def test_the_example_of_a_file_of_answers_has_codes_that_exist() -> None:
    page = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    (example,) = [json.loads(b) for b in re.findall(r"```json\n(.*?)```", page, re.S)]
    answers = example["answers"]
    known = builtin().by_id
    assert set(example["texts"]) == {"terms_used.other"}
    assert len(answers) > 0
    for item, value in answers.items():
        codes = {o.code for o in builtin().options(known[item])} | set(known[item].missing)
        given = value if isinstance(value, list) else [value]
        if isinstance(value, dict):
            assert set(value) <= {row.code for row in known[item].rows}  # type: ignore[union-attr]
            given = list(value.values())
        assert set(given) <= codes
    with pytest.raises(Exception, match="is missing"):  # the example is shortened
        walk_answers(builtin(), answers, example["texts"])


def test_every_setting_on_the_page_about_fieldwork_is_one(place: Place) -> None:
    page = (ROOT / "docs" / "fieldwork.md").read_text(encoding="utf-8")
    example, *tables = re.findall(r"```toml\n(.*?)```", page, re.S)
    place.write("letter.txt", "Dear all")
    place.write("fieldwork.toml", "\n".join([example, *tables]))
    ran = place.run("questionnaire", "check")
    assert ran.code == 0, ran.err
    assert ran.err == ""
    settings = set(re.findall(r"^(\w+) = ", example, re.M))
    of_settings = page.partition("## ")[0]
    rows = "".join(re.findall(r"^\| (`[^|]*) \|", of_settings, re.M))
    assert settings | {"recipients", "detail"} == set(re.findall(r"`(\w+)`", rows))


def test_no_address_of_a_registry_and_no_path_of_a_machine_is_in_any_file() -> None:
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("not a Git checkout")
    forbidden = re.compile(
        "|".join(
            [
                r"pypi" + r"\.org",
                r"files\.python" + r"hosted",
                r"index" + r"-url",
                r"/home/" + r"\w+/",
                r"/Us" + r"ers/\w+/",
                r"/wo" + r"rk/\w+",
                r"/tm" + r"p/\w+",
            ]
        )
    )
    names = done.stdout.splitlines()
    assert len(names) > 0
    for name in names:
        path = ROOT / name
        if path.is_file() and path.name != "LICENSE":
            found = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
            assert found is None, f"{name}: {found}"


def _readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_exit_code_is_explained() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("| exit code |")[2].partition("\n\n")[0]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == [*ExitCode]
