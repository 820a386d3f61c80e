"""Files and output of the program are identical to the golden files in `golden/`."""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import os
import re
import secrets
from array import array
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pyrage
import pytest

from microcred_cli.cli.app import COMMANDS, command
from tests.cli.program import Lines, sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.program import Place, Ran

GOLDEN = Path(__file__).parent / "golden"
WRITES = os.environ.get("GOLDEN") == "write"
"""Whether to regenerate the files; set by `python -m tests.contract.golden`."""

WHOLE = 6_000
"""For files longer than this, only the first lines and a hash are stored."""

IN_FULL = ("alone-en", "aloud-de")
"""The folder to which the complete output is written."""

RECEIPTS = (
    "H6F146AKYTGXGJWGK6Q",
    "DFSGSKZ6VF9CQBKYTER",
    "A0N7PS62EC3YPMZ86P9",
    "JYF2276QKCHMPJR0KCG",
    "GPC1F7GJR0EEDMW39V7",
)
"""The bare receipts of five of the responses that `simulate 20 --seed 1` creates."""

NAME = re.compile(r"\b[0-9a-f]{32}\.jsonl")
MARKS = re.compile(r'("ids":")([A-Za-z0-9+/=]+)')
CHECKED = re.compile(r'("(?:state|sha256)": ?")[0-9a-f]{64}(?="(?:,\n|\s*\}\n?$))')
"""Values that depend on the name of a sealed file: the state, and the file's hash of itself."""

CASE_LOG = Path(__file__).parent / "golden" / "case-log.json"
DATE = re.compile(
    r"\b20\d\d-(?:\d\d-\d\d|W\d\d)\b|(?:(?<=until |begun )|(?<=ließlich ))\d\d?\.? \w+ 20\d\d"
)
IN_FOLDER = re.compile(r"FOLDER\\[^\s\"]*")
"""A path as Windows writes it."""

Found = dict[str, str]


@pytest.fixture
def place(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place in which codes and the order of shuffled lists are always the same."""
    chance = Random(1)
    monkeypatch.setattr(secrets, "choice", chance.choice)
    monkeypatch.setattr(secrets, "randbelow", chance.randrange)
    ids = Random(2)
    monkeypatch.setattr(secrets, "token_hex", lambda size: ids.randbytes(size).hex())
    monkeypatch.setenv("COLUMNS", "80")
    return place


# -- files ----------------------------------------------------------------------------------------


def one_response(place: Place) -> Found:
    """A response in coarse detail, with its texts, its folder and the output."""
    ran = place.answer(_typed())
    return {**printed(ran), **folder(place)}


def one_confidential_response(place: Place) -> Found:
    """A response in full detail, decrypted, with its texts."""
    identity = pyrage.x25519.Identity.generate()
    place.write("key", str(identity))
    settings = [f'recipients = ["{identity.to_public()}"]', 'detail = "full"']
    place.write("fieldwork.toml", "\n".join([*settings, 'privacy_statement = "x"', ""]))
    assert place.run("keys", "check", "--identity", "key").code == 0
    ran = place.answer(_typed())
    assert ran.code == 0, ran.err
    kept = {}
    for path in _files(place.responses):
        if path.suffix == ".age":
            data = pyrage.decrypt(path.read_bytes(), [identity])
            kept[_name(place, path)] = _shown_padding(data.decode())
    return kept


def one_draft(place: Place) -> Found:
    """The draft of an interview paused in the middle."""
    lines = [*Lines("employer provides").until("mc_awarder"), ":remark Asked twice", ":pause", ""]
    ran = place.run("interview", "--plain", "--mode", "phone", typed="\n".join(lines))
    (draft,) = place.drafts
    seconds = re.compile(r'("\w*(?:seconds|spent)\w*": )[0-9.]+')
    said = {"out": ran.out[-300:], "err": ran.err}
    text = seconds.sub(r"\1SECONDS", draft.read_text(encoding="utf-8"))
    return {**said, _name(place, draft): text, "drafts": place.run("drafts").out}


def sealed_set(place: Place) -> Found:
    """Twenty responses sealed, five withdrawn, ten more sealed: the contents of the files.

    The numbers are chosen so that no response stays pending, because such responses are drawn at
    random.
    """
    kept = {}
    for name, *commands in (
        ("sealed", ["simulate", "20", "--seed", "1", "--responses", "responses"], ["seal"]),
        ("withdrawn", *[["withdraw"]] * len(RECEIPTS)),
        ("again", ["simulate", "10", "--seed", "2", "--responses", "responses"], ["seal"]),
    ):
        for number, words in enumerate(commands):
            typed = f"{_shown(RECEIPTS[number])}\n" if words == ["withdraw"] else ""
            ran = place.run(*words, typed=typed)
            kept.update(printed(ran, f"{name} {number} "))
        kept.update({f"{name}/{path}": text for path, text in _sealed(place).items()})
    for form in ("table", "json"):
        kept.update(printed(place.run("check", "--format", form), f"check {form} "))
    return kept


def pools(place: Place) -> Found:
    """Ten real responses sealed with their texts, five of them withdrawn."""
    receipts = [place.answer(_typed(number)).receipt for number in range(10)]
    assert place.run("seal").code == 0
    for receipt in receipts[:5]:
        assert place.run("withdraw", typed=f"{_shown(receipt)}\n").code == 0
    return _sealed(place)


# -- output ---------------------------------------------------------------------------------------


def summaries(place: Place) -> Found:
    """The summary of sixty responses in every format, in total and by a breakdown."""
    kept = {}
    assert place.simulate(60).code == 0
    kept["err"] = place.run("summary", "--format", "json").err
    for name in ("table", "json", "csv", "markdown", "html"):
        for by in ([], ["--by", "org_role"]):
            ran = place.run("summary", "--format", name, *by)
            kept[" ".join([name, *by[1:]])] = ran.out
    kept["plain"] = place.run("summary", "--plain").out
    few = ["--question", "advantages", "--question", "size_class", "--by", "org_role"]
    for name in ("table", "json", "csv", "markdown"):
        kept[f"few {name}"] = place.run("summary", "--format", name, *few).out
    german = place.run("summary", "--plain", "--language", "de", *few)
    kept["few german"] = german.out
    return kept


def for_authors(place: Place) -> Found:
    """The questionnaire as shown to authors."""
    kept = {}
    for name in ("schema", "show", "check"):
        kept.update(printed(place.run("questionnaire", name), f"{name} "))
    return kept


def outcomes(place: Place) -> Found:
    """Outcome rates from a case log."""
    place.write("case-log.json", CASE_LOG.read_bytes())
    return {name: place.run("outcomes", "--format", name).out for name in ("table", "json", "csv")}


def helps(place: Place) -> Found:
    """The help of the program and of each command."""
    return {
        words: place.run(*words.split()[1:], *(["--help"] if words != "alone" else [])).out
        for words in ("alone", "microcred", *_all_commands())
    }


def alone(place: Place, language: str) -> Found:
    """A respondent's plain interview with additional actions; one is ended by an invalid line."""
    detours = {
        "size_class": ":help\n:definition\n:back\n1\n1",
        "term_familiarity": ":menu\n:goto 3\n1\n1",
    }
    interviews = {"": Lines("employer knows", detours).whole(), "wrong ": "1\n1\n99\n"}
    kept = {}
    for name, typed in interviews.items():
        ran = place.run("respond", "--plain", "--language", language, typed=typed)
        kept.update(printed(ran, name))
    return kept


def aloud(place: Place, language: str) -> Found:
    """A plain interview conducted by an interviewer, for a case."""
    lines = ["1", *Lines("employer unaware").until(), "submit", "noted", ""]
    arguments = ["--plain", "--mode", "phone", "--case", "DE-0042", "--language", language]
    ran = place.run("interview", *arguments, typed="\n".join(lines))
    log = (place.folder / "case-log.json").read_text(encoding="utf-8")
    return {**printed(ran), "case-log.json": log}


SCENES: dict[str, Callable[[Place], Found]] = {
    "response": one_response,
    "confidential": one_confidential_response,
    "draft": one_draft,
    "sealed": sealed_set,
    "pools": pools,
    "summary": summaries,
    "authors": for_authors,
    "outcomes": outcomes,
    "help": helps,
    "alone-en": partial(alone, language="en"),
    "alone-de": partial(alone, language="de"),
    "aloud-en": partial(aloud, language="en"),
    "aloud-de": partial(aloud, language="de"),
}
"""Each output is stored in one file, or as a hash if it is long."""


@pytest.mark.parametrize("name", SCENES)
def test_it_is_what_it_was(place: Place, name: str) -> None:
    parts = {part: _settled(place, text) for part, text in SCENES[name](place).items()}
    most = 100_000 if name in IN_FULL else WHOLE
    got = "".join(_part(*part, most) for part in parts.items())
    file = GOLDEN / f"{name}.txt"
    if WRITES:
        file.write_bytes(got.encode())
    wanted = file.read_bytes().decode()
    if got != wanted:
        whole = place.folder / "got"
        whole.mkdir()
        for part, text in parts.items():
            (whole / re.sub(r"\W", "_", part)).write_bytes(text.encode())
        shown = difflib.unified_diff(wanted.splitlines(), got.splitlines(), "was", "is", n=1)
        pytest.fail("\n".join([*shown, f"The complete current output: {whole}"]), pytrace=False)


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in GOLDEN.iterdir()) < 240_000


# -- storage --------------------------------------------------------------------------------------


def printed(ran: Ran, before: str = "") -> Found:
    """Both streams and the exit code of a run."""
    return {f"{before}code": f"{ran.code}\n", f"{before}out": ran.out, f"{before}err": ran.err}


def folder(place: Place) -> Found:
    """Every file of the responses folder, by name."""
    return {_name(place, path): path.read_bytes().decode() for path in _files(place.responses)}


def _sealed(place: Place) -> Found:
    """The files of a sealed set, without values that depend on random names or order.

    A sealed line is represented by its id and its hash.
    """
    kept = {}
    for name, text in folder(place).items():
        if re.fullmatch(r"responses/[0-9a-f]{32}\.json|responses/texts/[0-9a-f]+\.json", name):
            continue
        if "/texts/" in name:
            text = "".join(sorted(text.splitlines(keepends=True)))
        elif name.endswith(".jsonl"):
            lines = (f"{json.loads(line)['response_id']} {_hash(line)}" for line in text.split())
            text = "\n".join(sorted(lines))
        elif name.endswith(("counts.json", "last-seal.json")):
            text = CHECKED.sub(r"\1HASH", MARKS.sub(_sorted_marks, text))
        kept[NAME.sub("RANDOM.jsonl", name)] = NAME.sub("RANDOM.jsonl", text)
    return kept


def _sorted_marks(found: re.Match[str]) -> str:
    """The id prefixes in a file, sorted; the file has them in the order of its lines."""
    marks = array("Q", base64.b64decode(found[2]))
    return found[1] + " ".join(f"{mark:x}" for mark in sorted(marks))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _typed(number: int = 0) -> object:
    paper = sheet("employer provides", country="DE")
    paper["texts"]["comments"] = f"Größe: 東京 😀, or mail a.b@example.org, {number}"
    return paper


def _files(folder: Path) -> list[Path]:
    # Without hard links, as on Windows, there is a lock beside the files.
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if path.name != ".names.lock")


def _name(place: Place, path: Path) -> str:
    return path.relative_to(place.folder).as_posix()


def _shown_padding(text: str) -> str:
    return re.sub(r"[\0 ]{2,}$", lambda found: f"PADDING {len(found[0])}", text)


def _shown(bare: str) -> str:
    from stdnum.iso7064 import mod_37_36

    return bare + mod_37_36.calc_check_digit(bare, "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def _settled(place: Place, text: str) -> str:
    """A text without the temporary folder of the test and today's date."""
    for folder in (json.dumps(str(place.folder))[1:-1], str(place.folder)):
        text = text.replace(folder, "FOLDER")
    text = IN_FOLDER.sub(lambda path: re.sub(r"\\\\?", "/", path[0]), text)
    return DATE.sub("DATE", text)


def _part(name: str, text: str, most: int) -> str:
    if len(text) > most:
        text = f"{text[:2000].rpartition(chr(10))[0]}\n... sha256 of all: {_hash(text)}\n"
    return f"=== {name}\n{text}" + ("" if text.endswith("\n") or not text else "\n(no newline)\n")


def _all_commands() -> Iterator[str]:
    for name in COMMANDS:
        yield from _commands(f"microcred {name}", command(name))


def _commands(words: str, found: object) -> Iterator[str]:
    yield words
    for name, inner in getattr(found, "commands", {}).items():
        yield from _commands(f"{words} {name}", inner)
