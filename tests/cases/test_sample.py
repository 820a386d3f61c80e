"""The sample: what is read, what is refused, and how it is dealt out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from microcred_cli.cases.case import Case, Cases
from microcred_cli.cases.labels import check_stratum
from microcred_cli.cases.sample import add_sample, deal, read_sample
from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = "case,stratum,language,timezone\nDE-1,north/industry/small,de,Europe/Berlin\nDE-2,,,\n"


def read(tmp_path: Path, text: str | bytes) -> tuple[Case, ...]:
    path = tmp_path / "sample.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_sample(str(path))


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        WHOLE.replace(",", ";"),
        WHOLE.replace(",", "\t"),
        "\ufeff" + WHOLE.replace("\n", "\r\n"),
        WHOLE.replace("case", " Case ").replace("DE-1", '"DE-1"').replace(",de,", ",DE,"),
        WHOLE.replace("\nDE-2", "\n,,,\n\nDE-2"),
    ],
    ids=["commas", "semicolons", "tabs", "as Windows writes it", "spaces and quotes", "gaps"],
)
def test_the_columns_are_read(tmp_path: Path, text: str) -> None:
    known = {"stratum": "north/industry/small", "language": "de", "timezone": "Europe/Berlin"}
    assert read(tmp_path, text) == (Case(label="DE-1", **known), Case(label="DE-2"))  # type: ignore[arg-type]


def test_only_the_label_is_needed(tmp_path: Path) -> None:
    assert read(tmp_path, "case\nDE-1\n") == (Case(label="DE-1"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not contain a column named case"),
        ("stratum\nnorth\n", "does not contain a column named case"),
        ("case\n", "contains no cases"),
        ("case,name\nDE-1,Anna Schmidt\n", "Column 2 is not allowed"),
        ("case,Ansprechpartner 0221/555\nDE-1,Anna\n", "Column 2 is not allowed"),
        ("case,case\nDE-1,DE-2\n", "A column occurs twice"),
        ("DE-1\nDE-2\n", "Column 1 is not allowed"),
        ("case\nDE-1\nAnna Schmidt\n", "Line 3: This looks like a name"),
        ("case\nDE-1\ninfo@example.org\n", "Line 3: This looks like an e-mail address"),
        ("case\n0221-5551234\n", "Line 2: This looks like a telephone"),
        ("case\nDE136695976\n", "Line 2: This looks like a registration or account number"),
        ("case\nDE89370400440532013000\n", "Line 2: This looks like a registration or account"),
        ("case,stratum\nDE-1,Anna Schmidt\n", "Line 2: This looks like a name"),
        ("case,stratum\nDE-1,Jürgen_Müller\n", "Line 2: This looks like a name"),
        ("case,stratum\nDE-1,Hauptstr. 5\n", "Line 2: The name of a stratum consists"),
        ("case,stratum\nDE-1,+49 221 5551234\n", "Line 2: This looks like a telephone"),
        ("case,stratum\nDE-1,a@b.eu\n", "Line 2: This looks like an e-mail address"),
        ("case,language\nDE-1,German language\n", "Line 2: The language is not a language code"),
        ("case,timezone\nDE-1,CET\n", "Line 2: The time zone is unknown"),
        ("case\nDE-1\nDE-2\nde-1\n", "Line 4: The same case is already in line 2"),
        ("case,stratum\nDE-1\n", "Line 2: The number of values is 1"),
        ("case,stratum\nDE-1,north,5\n", "Line 2: The number of values is 3"),
        ("case,stratum\n,north\n", "Line 2: A case label consists"),
        ('case\nDE-1\n"DE-2\n', "not valid CSV"),
        ("case\nDE-1\nMüller\n".encode("latin-1"), "on line 3, is not UTF-8"),
        ("case\nDE-1\n".encode("utf-16"), "This is UTF-16"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line_and_never_quoted(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        read(tmp_path, text)
    assert said in refused.value.message
    assert refused.value.hint
    for private in ("Anna", "Schmidt", "555", "Hauptstr", "0532", "Ansprech"):
        assert private not in refused.value.message + refused.value.hint


@pytest.mark.parametrize(
    "stratum",
    [
        *("Mecklenburg-Vorpommern", "North-East/Trade/Small", "Castilla-La-Mancha"),
        *("10-49/050-249", "0-9/10-49/50-249", "C/10-33/large", "industr-5", "DE-2026/wave-1"),
        *("Norte.2", "road-transport-49", "250+", "platz"),
    ],
)
def test_regions_and_size_classes_are_strata(stratum: str) -> None:
    assert check_stratum(stratum) == stratum


@pytest.mark.parametrize(
    ("stratum", "said"),
    [
        ("west/0897654321", "a telephone"),
        ("phone/089-765-4321", "a telephone"),
        ("T0897654321", "a telephone"),
        ("089/765432", "a telephone"),
        ("089/765-432", "a telephone"),
        ("+49/89/765432", "a telephone"),
        ("0897654321", "a telephone"),
        ("north/٠٨٩٧٦٥٤٣٢١", "a telephone"),
        ("Gartenstraße-7/Bonn", "an address"),
        ("Bonn/Gartenstr.7b", "an address"),
        ("Rue-de-Lyon-12", "an address"),
        ("12-rue-de-Lyon/Paris", "an address"),
        ("12-Church-Street", "an address"),
        ("Eva.Klein-Maier", "a name"),
        ("north/Eva_Klein", "a name"),
    ],
)
def test_telephone_numbers_addresses_and_names_are_no_strata(stratum: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_stratum(stratum)


def test_all_lines_with_errors_are_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="The sample has 2 errors") as refused:
        read(tmp_path, "case\nAnna Schmidt\nDE-1\na@b.eu\n")
    name, address = refused.value.details
    assert name.startswith("Line 2: This looks like a name")
    assert address.startswith("Line 4: This looks like an e-mail")


def test_at_most_twenty_errors_are_listed(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        read(tmp_path, "case\n" + "a@b.eu\n" * 22)
    assert refused.value.details[-2].startswith("Line 21: ")
    assert refused.value.details[-1] == "2 other errors."
    assert refused.value.hint.count("Use the label") == 1


def test_loading_again_adds_and_changes_nothing_that_was_there() -> None:
    before = Cases(cases=(Case(label="DE-1", stratum="north"), Case(label="DE-2", language="de")))
    sample = [
        Case(label="de-1", stratum="south", language="fr"),
        Case(label="DE-2"),
        Case(label="DE-3", stratum="south"),
    ]
    added = add_sample(before, sample)
    assert added.cases.cases == (
        Case(label="DE-1", stratum="north", language="fr"),
        Case(label="DE-2", language="de"),
        Case(label="DE-3", stratum="south"),
    )
    assert (added.new, added.completed, added.differing) == (1, 1, ("DE-1",))
    again = add_sample(added.cases, sample)
    assert (again.cases, again.new, again.completed) == (added.cases, 0, 0)


def test_each_stratum_is_dealt_out_evenly_and_always_in_the_same_way() -> None:
    strata = ["north", "south", None]
    cases = [Case(label=f"A-{n}", stratum=strata[n * n % 3]) for n in range(50)]
    parts = deal(cases, 7)
    assert parts == deal(cases[::-1], 7)
    assert sorted(case.label for part in parts for case in part) == sorted(c.label for c in cases)
    for stratum in strata:
        sizes = [sum(case.stratum == stratum for case in part) for part in parts]
        assert max(sizes) - min(sizes) <= 1
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1
