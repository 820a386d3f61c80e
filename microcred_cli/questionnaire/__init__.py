"""A questionnaire: its models, and how one is read, checked, translated and walked.

Whatever the system refuses is a `StoreError`; a function lists only what it raises besides.

- Definition: the YAML file of a questionnaire. Its canonical JSON (sorted keys, no spaces) has the
  hash that identifies it, and is kept once checked, so that a later start reads no YAML.
- Translation: a file of texts beside the definition, by key; it never changes the hash.
- Item: a question as it is defined. Its answer is a value: a code, some codes, or a number.
- Reserved code: says why there is no answer (`dk`, `pna`, `blank`, `not_asked`, `not_reached`).
- Computed variable: one category for each interview, by the first condition that holds.
- Phrase: words inserted into texts by the value of an item or computed variable.
- Condition: decides from earlier answers whether an item is asked; true, false or undecided.
- Deciding item: one that a condition or phrase names, or whose answer can end the interview.
- Situation: what an interview knows when an item's turn comes, as far as anything depends on it.
- Route: the items that are asked after certain answers of the deciding items.
- Fault: something wrong in a definition or translation, with a stable code (`Q012`) and a line.
- Lint: the search for every fault at once. Its outline is the definition as far as it can be made
  out; its sketch is a sound questionnaire with the same routes.
"""

from typing import Final

BUILT_IN: Final = "mc_employers"
"""The questionnaire that is meant where none is named."""
