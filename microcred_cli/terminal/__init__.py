"""The terminal interface: interviews with prompts or in plain lines, and printed reports.

- An *asker* (`rich_asker`, `plain_asker`, or `interviewer` for interviewers) shows the current
  question and returns the reply. An asker implements the `Screen` of a session.
- A *view* contains the wording of one question, shared by all askers.
- An *action* is anything a user can do at a question other than answer it, such as going back.
  `key_map` defines the key, command and label of each action; `actions` runs actions on a
  *surface*, which is either `pages` (prompts) or `line_pages` (plain lines).
- A *stage* is the terminal's alternate screen, which shows one page at a time. A *page* contains
  the text around a *prompt*; `page_layout` fits both to the screen. There are prompts for lists,
  for typed text, for reading, and for lists whose rows are each answered with yes or no.
- A *row* is one entry of a list; its *sign* is the number or letter that selects it.
- `program_name` adapts the commands in messages to the way the program was started.
- `report_view`, `report_grids` and `report_lines` print a summary.

Only `questionary_inside` uses questionary's internals. Showing a page or reading a line can raise
`Paused` (the user pauses or the input ends), or `EOFError` or `OSError` (the terminal is
disconnected); askers convert each of these to a `Pause`.
"""
