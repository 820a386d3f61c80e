"""The Big List of Naughty Strings, and control sequences, as answers and as texts of a survey."""

from __future__ import annotations

import pytest

from tests.hostile import corpora
from tests.hostile.naughty import ACTING
from tests.hostile.naughty_roles import STRING_ROLES
from tests.hostile.working import IS_WHOLE

SHARES = {
    "answers to open questions": 12,
    "a file of answers": 80,
    "typed lines": 170,
    "texts of a questionnaire": 1,
}
"""The default run tests one string out of this many."""


@pytest.mark.parametrize("role", STRING_ROLES)
def test_no_string_of_the_list_makes_trouble(role: str) -> None:
    strings = corpora.needed(corpora.strings(), 515)
    outcomes = list(STRING_ROLES[role](strings[:: 1 if IS_WHOLE else SHARES[role]]))
    assert [outcome for outcome in outcomes if outcome.trouble] == []


@pytest.mark.parametrize("role", STRING_ROLES)
def test_no_text_that_acts_makes_trouble(role: str) -> None:
    texts = ACTING[:: 1 if IS_WHOLE or SHARES[role] < 10 else 9]
    assert [outcome for outcome in STRING_ROLES[role](texts) if outcome.trouble] == []
