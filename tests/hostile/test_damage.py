"""Damaged data files: no crash, no wrong figures, all other records counted."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from microcred_cli.records.receipts import show
from tests.hostile.json_roles import COUNTED
from tests.hostile.mutants import mutants, shortened
from tests.hostile.working import IS_WHOLE, at_work, fill, put, trouble_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.program import Place

FEW = 300 if IS_WHOLE else 4
BESIDE = ("counts.json", "figures.json", "last-seal.json")


@pytest.fixture(scope="module")
def sealed() -> Iterator[Place]:
    """A sealed folder that a test damages and restores."""
    with at_work() as place:
        fill(place)
        assert place.run("summary").code == 0
        yield place


@pytest.fixture
def kept(sealed: Place) -> Iterator[dict[str, bytes]]:
    """The files next to the sealed responses, in their original form."""
    names = (*BESIDE, "folder.json")
    was = {name: (sealed.responses / name).read_bytes() for name in names}
    yield was
    for name, data in was.items():
        put(sealed.responses / name, data)


@pytest.mark.parametrize("name", BESIDE)
def test_a_damaged_file_beside_the_sealed_ones_is_made_anew(
    sealed: Place, kept: dict[str, bytes], name: str
) -> None:
    printed = sealed.run("summary").out
    count = 200 if IS_WHOLE else 1
    chance = Random(name)
    for what, data in (
        *mutants(kept[name], chance, count),
        *shortened(kept[name], chance, count),
    ):
        for each, whole in kept.items():
            put(sealed.responses / each, whole)
        put(sealed.responses / name, data)
        if name != "figures.json":
            (sealed.responses / "figures.json").unlink()
        ran = sealed.run("summary")
        assert not trouble_of(ran, {0}, says=False), what
        assert ran.out == printed, what
        assert COUNTED in sealed.run("check").out, what


@pytest.mark.parametrize("name", BESIDE if IS_WHOLE else BESIDE[:1])
def test_one_other_digit_prints_no_other_figure(
    sealed: Place, kept: dict[str, bytes], name: str
) -> None:
    printed = sealed.run("summary").out
    data = kept[name]
    digits = [at for at in range(len(data)) if data[at : at + 1].isdigit()]
    for at in Random(name).sample(digits, 100 if IS_WHOLE else 1):
        for each, whole in kept.items():
            put(sealed.responses / each, whole)
        put(
            sealed.responses / name,
            data[:at] + str(9 - int(data[at : at + 1])).encode() + data[at + 1 :],
        )
        if name == "counts.json":
            (sealed.responses / "figures.json").unlink()
        assert sealed.run("summary").out == printed, data[at - 40 : at + 1]


def test_a_damaged_folder_file_is_named_and_the_responses_are_counted(
    sealed: Place, kept: dict[str, bytes]
) -> None:
    whole = kept["folder.json"]
    for what, data in (*mutants(whole, Random(1), FEW), *shortened(whole, Random(2), FEW)):
        put(sealed.responses / "folder.json", data)
        ran = sealed.run("check")
        assert not trouble_of(ran, {0, 1}, says=False), what
        # A folder for synthetic responses is whole, but none of these responses fits into it.
        is_other = "the folder was created for synthetic responses" in ran.err
        assert COUNTED in ran.out or is_other, what


@pytest.mark.parametrize("kind", ["a response", "a text"])
def test_a_damaged_record_is_named_and_the_others_are_counted(kind: str) -> None:
    count = 1000 if IS_WHOLE else 40
    with at_work() as place:
        fill(place)
        folder = place.responses if kind == "a response" else place.responses / "texts"
        whole = (place.files if kind == "a response" else place.texts)[0].read_bytes()
        wrong = []
        made = (*mutants(whole, Random(1), count), *shortened(whole, Random(2), count))
        for number, (what, data) in enumerate(made):
            if data != whole:
                put(folder / f"{number:032x}.json", data)
                wrong.append((f"{number:032x}.json", what))
        ran = place.run("check")
        assert not trouble_of(ran, {1})
        assert COUNTED in ran.out
        assert [what for name, what in wrong if name not in ran.err] == []


def test_a_damaged_draft_is_refused_in_words() -> None:
    with at_work() as place:
        place.run("respond", "--plain", typed="1\n1\n:pause\n")
        code, (path,) = place.draft["code"], place.drafts
        whole = path.read_bytes()
        for what, data in (*mutants(whole, Random(3), FEW), *shortened(whole, Random(4), FEW)):
            for command in (["drafts"], ["drafts", "delete", "--expired"]):
                put(path, data)
                assert not trouble_of(place.run(*command), {0}, says=False), what
            put(path, data)
            ran = place.run("resume", "--plain", typed=f"{show(code)}\n:pause\n")
            assert not trouble_of(ran, {0, 2, 4, 130}), what


def test_a_damaged_case_log_is_refused_and_not_written_over() -> None:
    with at_work() as place:
        typed = "1\n1\n:pause\n"
        place.run("interview", "--mode", "phone", "--case", "A1", "--plain", typed=typed)
        path = place.folder / "case-log.json"
        whole = path.read_bytes()
        for what, data in (*mutants(whole, Random(7), FEW), *shortened(whole, Random(8), FEW)):
            put(path, data)
            ran = place.run("outcomes")
            assert not trouble_of(ran, {0, 4}, says=False), what
            assert path.read_bytes() == data


def test_a_damaged_file_of_answers_is_refused_and_nothing_stored() -> None:
    with at_work() as place:
        fill(place, 1)
        stored = place.files
        whole = (place.folder / "sheet.json").read_bytes()
        for what, data in (*mutants(whole, Random(5), FEW), *shortened(whole, Random(6), FEW)):
            ran = place.run("respond", "--answers", place.write("mutant.json", data))
            assert not trouble_of(ran, {0, 2}), what
            assert (ran.code == 0) is (len(place.files) > len(stored)), what
            stored = place.files
