"""Questionnaires: models, loading, checks, translations and routes.

Any system error is raised as `StoreError`; functions list only their other exceptions.

- Definition: the YAML file of a questionnaire. The hash of its canonical JSON (sorted keys, no
  spaces) identifies it. That JSON is cached once checked, so that later starts read no YAML.
- Translation: a file of texts next to the definition, by key; it never changes the hash.
- Item: a question as it is defined. Its answer is a value: a code, some codes, or a number.
- Reserved code: a reason for having no answer (`dk`, `pna`, `blank`, `not_asked`, `not_reached`).
- Computed variable: one category for each interview, by the first condition that holds.
- Phrase: words inserted into texts by the value of an item or computed variable.
- Condition: a test of earlier answers for whether an item is asked; true, false or undecided.
- Deciding item: one that a condition or phrase names, or whose answer can end the interview.
- Situation: the earlier answers that matter when an item's turn comes.
- Route: the items that are asked after certain answers of the deciding items.
- Fault: something wrong in a definition or translation, with a stable code (`Q012`) and a line.
- Lint: the search for all faults in one pass. Its outline is the readable part of a faulty
  definition; its sketch is a valid questionnaire with the same routes.
"""

from typing import Final

BUILT_IN: Final = "mc_employers"
"""The default questionnaire."""
