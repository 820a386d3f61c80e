"""Each file of the public JSON corpus in the role of each file that the program reads.

A role takes files and checks for each: a clean message, the right exit code, and every other record
still counted.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from microcred_cli.errors import DefinitionError
from microcred_cli.questionnaire.languages import read_translation
from microcred_cli.records.receipts import ALPHABET, RESUME_SYMBOLS, show
from tests.hostile.working import (
    ENOUGH,
    Outcome,
    acting_in,
    as_json,
    at_work,
    fill,
    id_for,
    put,
    trouble_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.cli.program import Place

COUNTED = f"Readable, valid and unique responses: {ENOUGH}\n"


def as_responses(files: Sequence[Path]) -> Iterator[Outcome]:
    """Pending responses: reported by `check` and by `seal`, and the valid ones are counted."""
    with at_work() as place:
        fill(place)
        for file in files:
            put(place.responses / f"{id_for(file.name)}.json", file.read_bytes())
        names = {file.name: f"{id_for(file.name)}.json" for file in files}
        yield from _named(place, names)
        sealed = place.run("seal")
        for name, shown in names.items():
            yield Outcome(name, "" if shown in sealed.err else "seal does not report it")
            kept = (place.responses / shown).read_bytes() if sealed.code == 0 else b""
            is_kept = kept == next(f for f in files if f.name == name).read_bytes()
            yield Outcome(name, "" if is_kept else "seal moved or changed it")


def as_texts(files: Sequence[Path]) -> Iterator[Outcome]:
    """Pending texts."""
    with at_work() as place:
        fill(place)
        for file in files:
            put(place.responses / "texts" / f"{id_for(file.name)}.json", file.read_bytes())
        yield from _named(place, {file.name: f"texts/{id_for(file.name)}.json" for file in files})


def as_sealed(files: Sequence[Path]) -> Iterator[Outcome]:
    """Sealed files of responses."""
    with at_work() as place:
        fill(place)
        assert place.run("seal").code == 0
        for file in files:
            put(place.responses / "sealed" / f"{id_for(file.name)}.jsonl", file.read_bytes())
        names = {
            file.name: f"sealed/{id_for(file.name)}.jsonl" for file in files if file.read_bytes()
        }
        yield from _named(place, names)
        yield Outcome("seal", trouble_of(place.run("seal"), {0}))


def _named(place: Place, names: dict[str, str]) -> Iterator[Outcome]:
    """Whether `check` reports each of these files, and counts the valid responses."""
    ran = place.run("check")
    trouble = trouble_of(ran, {1})
    if not trouble and COUNTED not in ran.out:
        trouble = f"other records are not counted: {ran.out}"
    lines = ran.err.splitlines()
    for name, shown in names.items():
        is_named = any(line.startswith(f"{shown}") and len(line) > len(shown) for line in lines)
        yield Outcome(name, trouble or ("" if is_named else "check does not report it"))


def as_terms(files: Sequence[Path]) -> Iterator[Outcome]:
    """`folder.json`: `check` reports it and counts responses, and nothing new is stored."""
    with at_work() as place:
        fill(place)
        mine = place.write("mine.json", as_json(place.folder / "sheet.json"))
        for file in files:
            put(place.responses / "folder.json", file.read_bytes())
            ran = place.run("check")
            trouble = trouble_of(ran, {1}) or ("" if COUNTED in ran.out else "others not counted")
            trouble = trouble or trouble_of(place.run("respond", "--answers", mine), {4})
            yield Outcome(file.name, trouble)


def beside_sealed(name: str) -> Callable[[Sequence[Path]], Iterator[Outcome]]:
    """A role for a file next to the sealed responses, which is rebuilt if that is safe."""

    def role(files: Sequence[Path]) -> Iterator[Outcome]:
        with at_work() as place:
            fill(place)
            printed = place.run("summary")
            whole = place.folder / "whole"
            place.responses.rename(whole)
            for file in files:
                shutil.copytree(whole, place.responses)
                put(place.responses / name, file.read_bytes())
                ran = place.run("summary")
                trouble = trouble_of(ran, {0}, says=False)
                if not trouble and ran.out != printed.out:
                    trouble = "other figures"
                counted = place.run("check")
                trouble = trouble or trouble_of(counted, {0, 1}, says=False)
                trouble = trouble or ("" if COUNTED in counted.out else "others not counted")
                shutil.rmtree(place.responses)
                yield Outcome(file.name, trouble)

    return role


def as_withdrawn(files: Sequence[Path]) -> Iterator[Outcome]:
    """The list of withdrawn records: while it is unreadable, nothing is counted or printed."""
    with at_work() as place:
        fill(place)
        for file in files:
            data = file.read_bytes()
            put(place.responses / "withdrawn", data)
            codes = {1} if data.endswith(b"\n") else {4} if data else {0}
            yield Outcome(file.name, trouble_of(place.run("check"), codes, says=bool(data)))


def as_drafts(files: Sequence[Path]) -> Iterator[Outcome]:
    """Drafts: all are listed as damaged, none can be resumed, and each can be deleted."""
    with at_work() as place:
        codes = dict(zip((file.name for file in files), _codes(), strict=False))
        for file in files:
            put(place.state / "drafts" / f"{codes[file.name].lower()}.json", file.read_bytes())
        listed = place.run("drafts")
        left = place.run("drafts", "delete", "--expired")
        for name, code in codes.items():
            told = f"{show(code)}  damaged: "
            trouble = trouble_of(listed, {0}, says=False) or (
                "" if told in listed.out else "not listed"
            )
            trouble = trouble or (
                "" if f"{show(code)} was not deleted" in left.err else "not left alone"
            )
            trouble = trouble or trouble_of(place.run("resume", "--plain", typed=show(code)), {4})
            yield Outcome(name, trouble)
        for name, code in codes.items():
            ran = place.run("drafts", "delete", typed=show(code))
            trouble = trouble_of(ran, {0})
            gone = not (place.state / "drafts" / f"{code.lower()}.json").exists()
            yield Outcome(name, trouble or ("" if gone else "not deleted"))


def _codes() -> Iterator[str]:
    for number in range(len(ALPHABET) ** 2):
        pair = ALPHABET[number // len(ALPHABET)] + ALPHABET[number % len(ALPHABET)]
        yield pair.rjust(RESUME_SYMBOLS, "0")


def as_answers(files: Sequence[Path]) -> Iterator[Outcome]:
    """Files of answers: refused, and nothing is stored."""
    with at_work() as place:
        for file in files:
            ran = place.run("respond", "--answers", str(file))
            stored = "something is stored" if place.responses.exists() and place.files else ""
            yield Outcome(file.name, trouble_of(ran, {2}) or stored)


def as_questionnaires(files: Sequence[Path]) -> Iterator[Outcome]:
    """Definitions."""
    with at_work() as place:
        for file in files:
            yield Outcome(
                file.name, trouble_of(place.run("questionnaire", "check", str(file)), {3})
            )


def as_translations(files: Sequence[Path]) -> Iterator[Outcome]:
    """Translation files next to a definition."""
    for file in files:
        try:
            read_translation(file)
        except DefinitionError as error:
            said = f"{error.message} {error.hint}"
            yield Outcome(file.name, acting_in(said))
        else:
            yield Outcome(file.name, "taken")


def as_fieldwork(files: Sequence[Path]) -> Iterator[Outcome]:
    """Settings: refused, unless the TOML is valid and empty."""
    with at_work() as place:
        for file in files:
            is_empty = not file.read_bytes().decode("utf-8-sig", "replace").strip(" \t\r\n")
            ran = place.run("check", "--fieldwork", str(file))
            # Without settings, the command continues, and finds no folder.
            yield Outcome(file.name, trouble_of(ran, {4} if is_empty else {2}))


def as_case_log(files: Sequence[Path]) -> Iterator[Outcome]:
    """Case logs."""
    with at_work() as place:
        for file in files:
            data = file.read_bytes()
            put(place.folder / "case-log.json", data)
            ran = place.run("outcomes")
            is_kept = (place.folder / "case-log.json").read_bytes() == data
            yield Outcome(file.name, trouble_of(ran, {4}) or ("" if is_kept else "written over"))


ROLES: dict[str, Callable[[Sequence[Path]], Iterator[Outcome]]] = {
    "a waiting response": as_responses,
    "a waiting text": as_texts,
    "a sealed file": as_sealed,
    "folder.json": as_terms,
    "counts.json": beside_sealed("counts.json"),
    "figures.json": beside_sealed("figures.json"),
    "last-seal.json": beside_sealed("last-seal.json"),
    "withdrawn": as_withdrawn,
    "a draft": as_drafts,
    "a file of answers": as_answers,
    "a questionnaire": as_questionnaires,
    "a translation": as_translations,
    "a fieldwork file": as_fieldwork,
    "a case log": as_case_log,
}
"""The roles by name; each yields the outcome for every file."""
