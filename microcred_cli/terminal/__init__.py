"""The terminal interface: interviews with prompts or in plain lines, and reports on the screen.

- An *asker* (`rich_asker`, `plain_asker`, and for interviewers `interviewer`)
  asks for the interview's loop, and is the `Screen` of a session.
- A *view* is one question in words, the same for every asker.
- An *action* is anything done at a question other than answering it. `key_map` has its key, command
  and words, `actions` carries it out, on a *surface*: `pages` with prompts, or `line_pages` in
  lines.
- A *stage* is the alternate screen that shows one page after another. A *page* has the texts around
  a *prompt*; `page_layout` fits both to the screen. There are prompts for lists, for texts, for
  reading, and for lists answered row by row with yes or no.
- A *row* is one line of a list, with the *sign* (number or letter) that chooses it.
- `report_view`, `report_grids` and `report_lines` print a summary.

Only `questionary_inside` uses questionary's internals. Any page or line can raise `Paused` if the
person pauses or the input ends, and `EOFError` or `OSError` if the terminal is gone; askers turn
each into a `Pause`.
"""
