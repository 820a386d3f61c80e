"""The edge: questions asked on a screen, with prompts or in plain lines; reports shown on it.

- An *asker* (`rich_asker`, `plain_asker`, and for interviewers `interviewer`)
  is what the interview's loop talks to, and a `Screen` for sessions.
- A *view* is one question in words, the same for every asker.
- An *action* is what can be done at a question besides answering it; `key_map` has its key, its
  command and its words, `actions` what follows from it. A *surface* shows it: `pages` with prompts,
  `line_pages` in lines.
- A *stage* is the alternate screen on which pages follow each other. A *page* is what surrounds a
  *prompt*, and `page_layout` fits both to the size of the screen. Prompts are for lists, texts,
  reading, and lists that are answered with yes or no row by row.
- A *row* is one line of a list, with the *sign* (number or letter) that chooses it.
- `report_view`, `report_grids` and `report_lines` print a summary.

What touches questionary's inside is in `questionary_inside` alone. Any page or line can raise
`Paused` where the person pauses or the input ends, `EOFError` and `OSError` where the terminal is
gone; askers turn each into a `Pause`.
"""
