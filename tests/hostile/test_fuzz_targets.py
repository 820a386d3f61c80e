"""Properties of our parsers for any bytes; `tests.fuzzing` searches further, guided by coverage."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.program import sheet
from tests.fuzzing.targets import TARGETS
from tests.hostile.mutants import mutants, shortened
from tests.questionnaire.sample import SAMPLE

PIECES = st.sampled_from(
    [
        *(
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            '"',
            "'",
            "\n",
            "  ",
            "- ",
            "? ",
            "&a ",
            "*a ",
            "!t ",
            "|",
            ">",
        ),
        *(
            "\x00",
            "\x1b[2J",
            "\u202e",
            "\udcff",
            "\ud800",
            "e\u0301",
            "=",
            ".",
            "0",
            "1e999",
            "NaN",
        ),
        *("format", "texts", "source", "text", "closes", "2027-01-01", "contact", "items", "id"),
        *("jane@example.org", "DE19 1005", "www.", "+49 30 1234", "A1B2", "-", "\r", "%YAML 1.1\n"),
    ]
)
BYTES = st.one_of(
    st.binary(max_size=200),
    st.text(st.characters(), max_size=80).map(lambda t: t.encode("utf-8", "surrogatepass")),
    st.lists(PIECES, max_size=30).map(lambda p: "".join(p).encode("utf-8", "surrogatepass")),
)


@pytest.mark.parametrize("name", TARGETS)
@given(data=BYTES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.parametrize("name", ["definition", "translation"])
def test_a_damaged_definition_is_read_or_refused(name: str) -> None:
    for _, data in shortened(SAMPLE.encode(), Random(name), 12):
        TARGETS[name](data)


@pytest.mark.parametrize("name", ["records", "judging"])
def test_a_damaged_record_is_read_or_refused(name: str) -> None:
    whole = json.dumps(sheet()).encode()
    for _, data in (*mutants(whole, Random(1), 30), *shortened(whole, Random(2), 30)):
        TARGETS[name](data)
