"""Questionnaires: models, loading, checks, translations, routes, and search in lists.

Operating system errors are raised as `StoreError`; docstrings list only other exceptions.

- Definition: the YAML file of a questionnaire. It is identified by the hash of its canonical JSON
  (sorted keys, no spaces). The JSON is cached after a successful check, so that later starts do not
  parse YAML.
- Translation: a file of translated texts, by key, next to the definition; it does not affect the
  hash.
- Alias: an alternative name under which a search finds an option; it is never shown.
- Item: a question as defined. The value of its answer is a code, several codes, or a number.
- Reserved code: a reason why there is no answer (`dk`, `pna`, `blank`, `not_asked`, `not_reached`).
- Computed variable: a variable whose value is the first of its categories whose condition is true.
- Phrase: words inserted into texts, depending on the value of an item or computed variable.
- Condition: a test of earlier answers that decides whether an item is asked; it is true, false or
  undecided.
- Deciding item: an item that a condition or phrase depends on, or whose answer can end the
  interview.
- Situation: the earlier answers, when an item is reached, that affect the rest of the interview.
- Route: the items that are asked for one combination of answers to the deciding items.
- Fault: an error in a definition or translation, with a stable code (`Q012`) and a line.
- Lint: a check that reports all faults in one pass. Its outline is the readable part of a faulty
  definition; its sketch is a valid questionnaire with the same routes.

The models are plain frozen values. pydantic checks a definition when it is read for the first time
and, like every record, whenever it comes from outside; it is loaded only then. A checked definition
is read from its cached canonical JSON, whose hash is compared, without being checked again.
"""

from typing import Final

BUILT_IN: Final = "mc_employers"
"""The default questionnaire."""
