"""Batch sizes, chosen so that comparing two summaries does not reveal the answers of a batch.

Counts are rounded to 5 when printed: a printed v means v - 2 to v + 2. If the count of an answer is
printed as v and later as v + 5m, at least 5m - 4 more people gave that answer. Suppose that b
people joined in between, and w left.

- If b is 5m - 4 (11, 16, 21 …), these can be all who joined, so that their answer is certain.
- If w is 5m - 4 (1, 6, 11 …), a change from v to v - 5m proves the answer of all who left.
- Each person who joined or left knows their own answer, and can subtract one from b or w. So three
  people who share their answers can learn those of the others, unless b and w are multiples of 5;
  then it takes four people to get down to 5m - 4.
- If all answers to a question are printed, and somebody knows the total number of responses, the
  sum of the printed counts reveals more, unless the total is also a multiple of 5.

Hence the following rule. A seal takes 10, 15, 20 … of the pending responses; the responses that
stay pending are chosen at random. If, because of withdrawals, the number of sealed responses is not
a multiple of 5, the one to four in excess, chosen at random, are returned to pending: so the number
of people who left a summary is also a multiple of 5, and nobody can tell which of them had
withdrawn. After every seal, the number of sealed responses is a multiple of 5.
`tests/summary/test_batches.py` checks all of this.

The rule does not hide that nobody in a batch gave a certain answer, if a question has three or
more. It does not protect against four members of a batch who share their answers.
"""

from typing import Final

SMALLEST_BATCH: Final = 10
"""Minimum number of responses, or of texts of an item, in a batch."""

STEP: Final = 5
"""The size of each batch and the number of sealed responses are multiples of this number."""


def batch_of(waiting: int) -> int:
    """The size of the batch to seal if this many responses are pending: 10, 15, 20 …, or 0."""
    return waiting - waiting % STEP if waiting >= SMALLEST_BATCH else 0
