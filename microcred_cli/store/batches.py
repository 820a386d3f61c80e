"""Batch sizes: how many are sealed together, so that no two summaries reveal a batch's answers.

Counts are printed rounded to 5: a printed v means v - 2 to v + 2. If an answer is printed as v and
later as v + 5m, at least 5m - 4 more people gave it. Let b people have joined in between, and w
left.

- If b is 5m - 4 (11, 16, 21 …), that can be all who joined: then their answer is certain.
- If w is 5m - 4 (1, 6, 11 …), v and later v - 5m proves the answer of all who left.
- Each person who joined knows their own answer, and can subtract one from b or w. So three who
  know each other learn what the others said unless b and w are multiples of 5; from a multiple of
  5, it takes four to get down to 5m - 4.
- Where all answers to a question are printed, and somebody knows the number of all responses, the
  sum of the printed counts reveals more, unless that number is a multiple of 5, too.

Hence the rule. A seal takes 10, 15, 20 … of the waiting responses; those left waiting are drawn by
lot. If withdrawals left a number of sealed responses that is not a multiple of 5, the one to four
in excess, drawn by lot, return to waiting: so the number of people who left a summary is a multiple
of 5 as well, and nobody can tell which of them had withdrawn. After every seal the number of sealed
responses is a multiple of 5. `tests/summary/test_batches.py` checks all of this.

It does not hide that nobody who joined gave a particular one of three answers or more, and it hides
nothing from four who know each other.
"""

from typing import Final

SMALLEST_BATCH: Final = 10
"""The fewest responses, or texts of an item, that are sealed together."""

STEP: Final = 5
"""The size of each batch, and the number of sealed responses, are multiples of this."""


def batch_of(waiting: int) -> int:
    """The size of the batch to seal when that many wait: 10, 15, 20 …, or 0."""
    return waiting - waiting % STEP if waiting >= SMALLEST_BATCH else 0
