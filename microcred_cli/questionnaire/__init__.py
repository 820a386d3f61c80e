"""Questionnaires: models, loading, checks, translations, routes and the search in lists.

Operating system errors are raised as `StoreError`; functions list only their other exceptions.

- Definition: the YAML file of a questionnaire. It is identified by the hash of its canonical JSON
  (sorted keys, no spaces). That JSON is cached once checked, so that later starts need not parse
  YAML.
- Translation: a file of texts next to the definition, by key; it never changes the hash.
- Further name: a name of an option that a search finds, but that is never shown.
- Item: a question as defined. The value of its answer is a code, several codes, or a number.
- Reserved code: a reason why there is no answer (`dk`, `pna`, `blank`, `not_asked`, `not_reached`).
- Computed variable: one category per interview, given by the first condition that holds.
- Phrase: words inserted into texts, depending on the value of an item or computed variable.
- Condition: a test of earlier answers that decides whether an item is asked; it is true, false or
  undecided.
- Deciding item: an item that a condition or phrase depends on, or whose answer can end the
  interview.
- Situation: the earlier answers that matter when an item is reached.
- Route: the items that are asked after certain answers to the deciding items.
- Fault: an error in a definition or translation, with a stable code (`Q012`) and a line.
- Lint: a check that reports all faults in one pass. Its outline is the readable part of a faulty
  definition; its sketch is a valid questionnaire with the same routes.
"""

from typing import Final

BUILT_IN: Final = "mc_employers"
"""The default questionnaire."""
