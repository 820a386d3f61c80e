"""Publishable aggregated results: counts, disclosure control, formats.

In order: `counts` adds up responses, `tabulation` turns counts into exact tables, `audit` decides
which tables must be coarser or withheld, `protection` masks, rounds and pools the rest by `rule`,
`figures` stores the result and selects a summary, and `formats` print it.

- A *plan* lists the tables of a questionnaire and its breakdowns. A *breakdown* divides everyone
  into groups; small groups are *pooled*.
- A *cell* is one count of a table, a *marginal* the table of one breakdown, the *base* of a table
  those who were asked and answered. `not_asked`, `dk` and the like are *reserved* codes.
- *Primary suppression*: a count below 8 is *masked*; others are rounded to the *rounding base*, 5
  or 10. *Secondary suppression*: a table that would reveal masked counts elsewhere is *withheld*.
- The *feasible interval* of a cell has the values consistent with sums of printed figures. A
  *witness* is another data set that prints the same figures, which proves that a value is possible.
- A *statement* is the unit of decision: an item, or a row of a matrix. A *decoy* is one rounded or
  withheld at random, so that doing so does not reveal why it was necessary elsewhere.
- *Differencing* is subtracting two summaries to learn about those who joined or left in between.
- *Figures* are stored, and made only once for the same responses. A *summary* is a selection of
  them, a *report* is a summary laid out for people.
"""
