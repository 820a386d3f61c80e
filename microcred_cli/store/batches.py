"""Batch sizes, chosen so that comparing two summaries does not reveal answers in a batch.

Printed counts are rounded to a multiple of 5: a printed v represents a count from v - 2 to v + 2.
If the count of an answer is printed as v and later as v + 5m, at least 5m - 4 more people gave that
answer. Suppose that between two summaries, b people joined and w people left.

- If b is 5m - 4 (11, 16, 21 …), it is possible that everybody who joined gave that answer; if so,
  the answer is revealed.
- If w is 5m - 4 (1, 6, 11 …), a change from v to v - 5m reveals the answer of everybody who left.
- People who joined or left know their own answers, and can subtract themselves from b or w.
  Therefore, up to three people who pool their answers can learn the answers of the others, unless b
  and w are multiples of 5, in which case four people are needed to reach 5m - 4.
- If the counts of all answers to a question are printed, and somebody knows the total number of
  responses, the sum of the printed counts reveals more, unless that total is also a multiple of 5.

Batch sizes therefore follow the rule below. A seal adds 10, 15, 20 … of the pending responses; the
responses that stay pending are chosen at random. If withdrawals have left a number of sealed
responses that is not a multiple of 5, the next seal returns one to four responses, chosen at
random, to pending. As a result, the number of people who left a summary is also a multiple of 5,
and nobody can tell which of them withdrew. After every seal, the number of sealed responses is a
multiple of 5. `tests/summary/test_batches.py` checks these statements.

The rule does not hide the fact that nobody in a batch gave a particular answer to a question with
three or more answers. The rule also does not protect against four members of a batch who pool their
answers.
"""

from typing import Final

SMALLEST_BATCH: Final = 10
"""The minimum number of responses, or texts of an item, in a batch."""

STEP: Final = 5
"""The size of each batch and the number of sealed responses are multiples of this number."""


def batch_of(waiting: int) -> int:
    """The number of responses to seal if `waiting` are pending: 10, 15, 20 …, or 0."""
    return waiting - waiting % STEP if waiting >= SMALLEST_BATCH else 0
