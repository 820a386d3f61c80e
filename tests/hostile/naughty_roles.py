"""Hostile strings as answers and as texts of a questionnaire.

A role takes strings, and returns for each the problems that it caused.
"""

from __future__ import annotations

import csv
import io
import re
from functools import cache
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer
from microcred_cli.files.strict_json import parse_json
from microcred_cli.questionnaire.answers import check_text
from microcred_cli.questionnaire.loading import Loaded, load
from microcred_cli.questionnaire.models import Open
from microcred_cli.questionnaire.values import LONGEST_REMARK, REMARK
from microcred_cli.records.identifiers import remove_identifiers
from microcred_cli.records.shapes import QuestionnaireRef, Text, from_object, serialise
from microcred_cli.store.judge import Judge
from microcred_cli.text import clean, safe
from tests.cli.program import Lines, sheet
from tests.hostile.naughty import Tags, write
from tests.hostile.working import Outcome, acting_in, at_work, trouble_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.cli.program import Place, Ran

LONGEST = 500


@cache
def _built_in() -> Loaded:
    return load("mc_employers")


# -- as answers ------------------------------------------------------------------------------------


def as_texts(strings: Sequence[str]) -> Iterator[Outcome]:
    """Texts for every question that takes one: cleaned, screened, written, read, and validated."""
    loaded = _built_in()
    questionnaire = loaded.questionnaire
    judge = Judge(loaded, None)
    ref = QuestionnaireRef(id=questionnaire.id, version=questionnaire.version, sha256=loaded.sha256)
    for string in strings:
        yield Outcome(string, _as_texts(string, judge, ref))


def _as_texts(string: str, judge: Judge, ref: QuestionnaireRef) -> str:
    for newlines in (False, True):
        acting = acting_in(clean(string, newlines=newlines) + safe(string, newlines=newlines))
        if acting:
            return f"{acting!r} is left"
    try:
        typed = check_text(string, LONGEST)
    except InvalidAnswer as refused:
        return acting_in(f"{refused.message} {refused.hint}")
    for key in judge.text_keys:
        kept = remove_identifiers(typed, _limit(key))
        text = Text(text_id="0" * 32, questionnaire=ref, item=key, text=kept)
        again = from_object(Text, parse_json(serialise(text)), "a text")
        if again != text or (kept and judge.wrong_with(again)):
            return f"{key}: {judge.wrong_with(again)}"
    return ""


@cache
def _limit(key: str) -> int:
    """The maximum number of characters of a text at this item."""
    questionnaire = _built_in().questionnaire
    item_id, _, code = key.partition(".")
    item = questionnaire.by_id[item_id]
    if code == REMARK:
        return LONGEST_REMARK
    if isinstance(item, Open):
        return item.max_length
    specify = questionnaire.option(item, code).specify
    assert specify is not None
    return specify.max_length


def as_answers(strings: Sequence[str]) -> Iterator[Outcome]:
    """Texts in a file of answers: stored clean, or refused with a message; then all are counted."""
    with at_work() as place:
        stored = 0
        for string in strings:
            whole = sheet()
            whole["texts"] = dict.fromkeys(whole["texts"], string)
            ran = place.answer(whole)
            stored += ran.code == 0
            yield Outcome(string, trouble_of(ran, {0, 2}, says=False))
        ran = place.run("check")
        counted = f"valid and unique responses: {stored}\n" in ran.out if stored else True
        yield Outcome("check", trouble_of(ran, {0}, says=False) or ("" if counted else ran.out))


def as_lines(strings: Sequence[str]) -> Iterator[Outcome]:
    """Lines typed at an open question, piped in; then the draft is listed and resumed."""
    lines = Lines().until("mc_example")
    for string in strings:
        with at_work() as place:
            line = string.split("\n")[0].lstrip(":").encode("utf-8", "surrogateescape")
            typed = "\n".join([*lines, ""]).encode() + line + b"\n:pause\n"
            ran = place.run("respond", "--plain", typed=typed)
            trouble = trouble_of(ran, {0, 130}, says=False)
            trouble = trouble or trouble_of(place.run("drafts"), {0})
            ran = place.run("resume", "--plain", typed="\n:back\n:pause\n")
            yield Outcome(string, trouble or trouble_of(ran, {0, 130}))


# -- as texts of a questionnaire -------------------------------------------------------------------

FORMATS = ("table", "json", "csv", "markdown", "html")


def as_words(strings: Sequence[str]) -> Iterator[Outcome]:
    """Questions, helps and labels of a questionnaire, in every command that prints them."""
    with at_work() as hostile:
        printed = dict(_printed(hostile, strings))
    with at_work() as harmless:
        plain = dict(_printed(harmless, ["x"] * len(strings)))
    for command, ran in printed.items():
        codes = {"questionnaire check": {3}, "respond": {0, 130}}.get(command, {0})
        trouble = trouble_of(ran, codes, says=False)
        yield Outcome(command, trouble or _other_shape(command, ran.out, plain[command].out))


def _printed(place: Place, strings: Sequence[str]) -> Iterator[tuple[str, Ran]]:
    path = write(place, "mine.yaml", strings)
    options = ("--questionnaire", path)
    yield "questionnaire show", place.run("questionnaire", "show", path)
    yield "questionnaire schema", place.run("questionnaire", "schema", path)
    yield "simulate", place.simulate(60, *options)
    yield "check", place.run("check", *options)
    for name in FORMATS:
        yield f"summary {name}", place.run("summary", *options, "--format", name)
    yield "summary aloud", place.run("summary", *options, "--plain")
    yield "questionnaire check", place.run("questionnaire", "check", path)
    elsewhere = ("--responses", "elsewhere")
    typed = "1\n:help\n:definition\n:menu\n1\n:goto\n:pause\n"
    yield "respond", place.run("respond", "--plain", *options, *elsewhere, typed=typed)


def _other_shape(command: str, shown: str, plain: str) -> str:
    """Structural differences between output with hostile texts and with harmless ones."""
    if command == "summary csv":
        cells = [cell for row in csv.reader(io.StringIO(shown), strict=True) for cell in row]
        formula = next((cell for cell in cells if is_formula(cell)), None)
        if formula is not None:
            return f"a formula: {formula!r}"
    parts = PARTS.get(command)
    foreign = parts(shown) - parts(plain) if parts is not None else set()
    return f"not present with harmless texts: {foreign}" if foreign else ""


def _keys(page: str) -> set[str]:
    return {key for key, _ in re.findall(r'^ *("[a-z_]+"): (.)', page, re.MULTILINE)}


def _widths(page: str) -> set[str]:
    return {str(len(row)) for row in csv.reader(io.StringIO(page), strict=True)}


def _cells(page: str) -> set[str]:
    """The number of cells in each table row of a Markdown page."""
    rows = [line for line in page.splitlines() if line[:1] == "|"]
    return {str(len(re.findall(r"(?<!\\)\|", row))) for row in rows}


PARTS: dict[str, Callable[[str], set[str]]] = {
    "summary html": lambda page: {f"{tag} {names}" for tag, names in Tags(page).found},
    "summary json": _keys,
    "summary csv": _widths,
    "summary markdown": _cells,
}


def is_formula(cell: str) -> bool:
    """True if a spreadsheet could interpret a cell as a formula."""
    return re.match(r"[\s\0]*[=+\-@＝＋－＠﹢﹦﹣﹫⁺⁼⁻]|[\t\r\0]", cell) is not None


STRING_ROLES: dict[str, Callable[[Sequence[str]], Iterator[Outcome]]] = {
    "answers to open questions": as_texts,
    "a file of answers": as_answers,
    "typed lines": as_lines,
    "texts of a questionnaire": as_words,
}
"""The roles of strings, by name."""
