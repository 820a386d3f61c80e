"""Questionnaires: models, loading, checks, translations, routes, and search in lists.

Operating system errors are raised as `StoreError`; docstrings in this package do not repeat this.

- Definition: the YAML file of a questionnaire. A definition is identified by the hash of its
  canonical JSON (sorted keys, no spaces). The canonical JSON is cached after a successful check, so
  the YAML is only parsed once.
- Translation: a file of translated texts, by key, next to the definition. Translations do not
  affect the hash of the definition.
- Alias: an alternative name that finds an option in a search but is never displayed.
- Item: a question in the definition. An answer is a code, several codes, or a number.
- Reserved code: a reason why there is no answer (`dk`, `pna`, `blank`, `not_asked`, `not_reached`).
- Computed variable: a variable whose value is the first of its categories whose condition is true.
- Phrase: words inserted into texts, depending on the value of an item or computed variable.
- Condition: a test of earlier answers that decides whether an item is asked. A condition is true,
  false or undecided.
- Deciding item: an item that a condition or phrase depends on, or whose answer can end the
  interview.
- Situation: the earlier answers that still affect the rest of the interview at a given item.
- Route: the items that are asked for one combination of answers to the deciding items.
- Fault: an error in a definition or translation, with a stable code (`Q012`) and a line.
- Lint: a check that reports all faults in one pass. To check a faulty definition, the lint builds
  an outline (its readable parts) and a sketch (a valid questionnaire with the same routes).

The models are plain immutable objects. pydantic is loaded only to validate external input: records,
and definitions that are read for the first time. Definitions that passed the check are read from
the cached canonical JSON; its hash is verified, but pydantic does not validate it again.
"""

from typing import Final

BUILT_IN: Final = "mc_employers"
"""The default questionnaire."""
