"""Batch sizes: how many are sealed at once, so that two summaries never tell a batch's answers.

Counts are printed rounded to 5: what is printed as v is v - 2 to v + 2. Of an answer that is
printed as v and later as v + 5m, at least 5m - 4 more people gave it. Let b people have come in
between, and w left.

- If b is 5m - 4 (11, 16, 21 …), that can be all who came: then their answer is certain.
- If w is 5m - 4 (1, 6, 11 …), v and later v - 5m proves the answer of all who left.
- Each of those who came, and knows what they said themselves, takes one from b or w. So three who
  know each other learn what the others said unless b and w are multiples of 5: from there, it takes
  four to come to 5m - 4.
- Where all answers to a question are printed, and somebody knows the number of all responses, what
  the printed counts add up to tells more, unless that number is a multiple of 5, too.

Hence the rule. A seal takes 10, 15, 20 … of those who wait, and who is left waiting is drawn by
lot. Where withdrawals left a number of sealed responses that is no multiple of 5, the one to four
over it go back to wait, drawn by lot: so those who left a summary are a multiple of
5 as well, and nobody can tell who of them had withdrawn. After every seal the number of sealed
responses is a multiple of 5. `tests/summary/test_batches.py` goes through all of it.

It does not hide that nobody who came gave some one of three answers or more, nor anything from four
who know each other.
"""

from typing import Final

SMALLEST_BATCH: Final = 10
"""So many responses, or texts of an item, are sealed at once at least."""

STEP: Final = 5
"""Batches, and the number of all that is sealed, are multiples of it."""


def batch_of(waiting: int) -> int:
    """The size of the batch out of so many that wait: 10, 15, 20 …, or 0."""
    return waiting - waiting % STEP if waiting >= SMALLEST_BATCH else 0
