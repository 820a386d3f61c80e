"""Files designed to exhaust memory, time or the stack: refused quickly, with a message."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.hostile.working import IS_WHOLE, at_work, trouble_of
from tests.questionnaire.sample import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.program import Place

ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""A few hundred bytes that expand to 9 to the power of 9 texts."""

YAML = {
    "aliases of aliases": ALIASES,
    "an alias of itself": "texts: &t {a: *t}\nsections: *t\n",
    "an anchor alone": "texts: &t {}\n",
    "a merge key": "x: &x {a: b}\ntexts: {<<: *x}\n",
    "a tag of Python": "texts: !!python/object/apply:os.system ['touch owned']\n",
    "a tag of its own": "texts: !x {}\n",
    "lists in lists on one line": "texts: " + "[" * 100_000,
    "mappings in mappings": "texts: " + "{a: " * 100_000,
    "dashes": "texts:\n" + "- " * 50_000,
    "question marks": "texts:\n" + "? " * 50_000,
    "stairs": "texts:\n" + "".join(" " * n + "- \n" for n in range(1, 1200)),
    "a key twice": "texts: {}\ntexts: {}\n",
    "two documents": "texts: {}\n---\ntexts: {}\n",
    "a directive": "%YAML 1.1\n---\ntexts: {}\n",
    "a NUL": 'texts: {a: {source: "\0"}}\n',
    "half a character": 'texts: {a: {source: "\\ud800"}}\n',
    "a list as key": "texts: {? [1, 2] : 3}\n",
    "words of YAML 1.1": "texts: {NO: 1:30, y: 010, n: ~}\n",
    "no number": "texts: {a: {source: .nan}}\n",
    "a number without end": f"texts: {{a: {{source: {'9' * 5000}}}}}\n",
    "tabs": "texts:\n\t- a\n",
    "a text without end": f"texts: 'x{'y' * 4_100_000}\n",
    "a quotation that stays open": 'texts: "x\n' * 2000,
}
HEAD = (
    "format: microcred-translation/1\nquestionnaire: sample\nlanguage: de\n"
    'translated_by: ""\nreviewed_by: ""\n'
)
MEMORY = 1 << 30
"""The memory limit of a process, in bytes."""

RUN = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({0}, {0}))
from microcred_cli.__main__ import main
main()
"""


@pytest.fixture
def place() -> Iterator[Place]:
    with at_work() as working:
        yield working


def run_small(place: Place, *arguments: str) -> tuple[int, str]:
    """Run the program with limited memory; returns its exit code and its errors."""
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(MEMORY), *arguments],
        capture_output=True,
        cwd=place.folder,
        check=False,
        timeout=60,
        text=True,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", YAML)
def test_a_definition_is_refused(place: Place, name: str) -> None:
    path = place.write("mine.yaml", YAML[name].replace("texts", "title"))
    assert not trouble_of(place.run("questionnaire", "check", path), {3})
    assert not (place.folder / "owned").exists()


@pytest.mark.parametrize("name", YAML)
def test_a_translation_is_refused_or_harmless(place: Place, name: str) -> None:
    place.write("questionnaire.yaml", SAMPLE)
    place.write("de.yaml", HEAD + YAML[name])
    assert not trouble_of(place.run("questionnaire", "check", "."), {3})
    if name in ("aliases of aliases", "dashes") or IS_WHOLE:
        assert not trouble_of(place.run("questionnaire", "translate", "de", "."), {3})
        options = ("--questionnaire", ".", "--language", "de", "--plain")
        assert not trouble_of(place.run("respond", *options, typed="1\n"), {3})
    assert not place.drafts


@pytest.mark.parametrize("name", ["aliases of aliases", "dashes", "stairs"])
def test_a_bomb_beside_a_definition_ends_no_process(place: Place, name: str) -> None:
    place.write("questionnaire.yaml", SAMPLE)
    place.write("de.yaml", HEAD + YAML[name])
    code, told = run_small(place, "questionnaire", "check", ".")
    assert code == 3, told
    assert "de.yaml" in told


TOML = {
    "lists in lists": "contact = " + "[" * 100_000,
    "tables in tables": "contact = " + "{a = " * 20_000,
    "a dotted key": ".".join(["a"] * 20_000) + " = 1\n",
    "a dotted table": "[" + ".".join(["a"] * 20_000) + "]\n",
    "many dotted keys": "".join(f"a.b.c{n} = 1\n" for n in range(10_000)),
    "many tables": "".join(f"[[a.b{n}]]\n" for n in range(10_000)),
    "a key twice": "contact = 'a'\ncontact = 'b'\n",
    "a number without end": f"draft_days = {'9' * 100_000}\n",
    "infinity": "draft_days = inf\n",
    "no number": "draft_days = nan\n",
    "the last year": "closes = 9999-12-31\nrespond_by = 0001-01-01\n",
    "a date with a time": "closes = 2027-01-01T00:00:00Z\n",
    "a NUL": 'contact = "a\0b"\n',
    "half a character": 'contact = "\\ud800"\n',
    "an escape": 'contact = "\\u001b]52;c;aGk=\\u0007"\n',
    "bidi": 'contact = "a\u202eb"\n',
    "another folder's file": 'endorsement_letter = "/etc/passwd\\u0000"\n',
    "a list for a text": 'contact = ["a"]\n',
    "a table for a text": "[contact]\na = 1\n",
    "lines of Windows": "contact = 'a'\rdraft_days = 3\n",
}


@pytest.mark.parametrize("name", TOML)
def test_settings_are_refused_or_harmless(place: Place, name: str) -> None:
    place.write("fieldwork.toml", TOML[name])
    for command in (["check"], ["respond", "--plain"]):
        ran = place.run(*command)
        assert not trouble_of(ran, {0, 2, 4, 130}), (command, ran)


JSON = {
    "lists in lists": b"[" * 500_000,
    "objects in objects": b'{"answers":' * 90_000,
    "a closed tower": b"[" * 990 + b"]" * 990,
    "a tower in the answers": b'{"answers":{"comments":' + b"[" * 900 + b"]" * 900 + b"}}",
    "a key twice": b'{"answers":{"consent":"no","consent":"yes"}}',
    "no number": b'{"answers":{"mc_provided":NaN}}',
    "infinity": b'{"answers":{"mc_provided":1e999}}',
    "a number without end": b'{"answers":{"mc_provided":' + b"9" * 5000 + b"}}",
    "half a character": b'{"answers":{},"texts":{"comments":"\\ud800"}}',
    "a key of half a character": b'{"answers":{"\\udcff":"x"}}',
    "many keys": b'{"answers":{' + b",".join(b'"k%d":1' % n for n in range(60_000)) + b"}}",
    "a long text": b'{"answers":{},"texts":{"comments":"' + b"x" * 1_000_000 + b'"}}',
    "another encoding": '{"answers":{}}'.encode("utf-16"),
    "a byte-order mark": b'\xef\xbb\xbf{"answers":{}}',
    "nothing": b"",
    "two": b'{"answers":{}}{"answers":{}}',
}


@pytest.mark.parametrize("name", JSON)
def test_answers_are_refused_and_nothing_is_stored(place: Place, name: str) -> None:
    path = place.write("bomb.json", JSON[name])
    assert not trouble_of(place.run("respond", "--answers", path), {2})
    ran = place.run("respond", "--answers", "-", typed=JSON[name])
    assert not trouble_of(ran, {2})
    assert not place.responses.exists() or not place.files


def test_a_file_of_eight_gigabytes_that_hold_nothing_is_refused_everywhere(place: Place) -> None:
    path = place.folder / "sparse.yaml"
    with path.open("wb") as file:
        file.truncate(8 << 30)
    for command, code in {
        ("respond", "--answers"): 2,
        ("questionnaire", "check"): 3,
        ("check", "--fieldwork"): 2,
        ("outcomes", "--case-log"): 4,
        ("cases", "load"): 2,
    }.items():
        assert not trouble_of(place.run(*command, str(path)), {code}), command


def test_nothing_of_a_bomb_is_left(tmp_path: Path) -> None:
    with at_work(tmp_path) as place:
        place.write("mine.yaml", ALIASES)
        before = {*tmp_path.rglob("*")}
        assert place.run("questionnaire", "check", "mine.yaml").code == 3
        assert {*tmp_path.rglob("*")} == before
