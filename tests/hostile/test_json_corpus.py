"""The public JSON corpus in the role of every file that the program reads.

Some roles run a command for each file: they test a sample of the corpus by default, and every file
with HOSTILE=all.
"""

from __future__ import annotations

import pytest

from tests.hostile import corpora
from tests.hostile.json_roles import ROLES
from tests.hostile.working import IS_WHOLE

EACH = {
    "folder.json": 160,
    "counts.json": 160,
    "figures.json": 160,
    "last-seal.json": 160,
    "withdrawn": 60,
    "a draft": 40,
    "a file of answers": 40,
    "a questionnaire": 20,
    "a fieldwork file": 40,
    "a case log": 40,
}
"""The default run tests one file out of this many."""


@pytest.mark.parametrize("role", ROLES)
def test_no_file_of_the_corpus_makes_trouble_in_any_role(role: str) -> None:
    files = corpora.needed(corpora.json_files(), 318)
    step = 1 if IS_WHOLE else EACH.get(role, 1)
    outcomes = list(ROLES[role](files[::step]))
    assert len(outcomes) >= len(files) // step
    assert [outcome for outcome in outcomes if outcome.trouble] == []
