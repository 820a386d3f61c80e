"""Aggregated results that may be published: counts, disclosure control, formats.

The way of a count: `counts` adds up responses, `tabulation` makes exact tables, `rule` masks,
rounds and pools, `audit` withholds what would still give somebody away, `protection` makes figures
of the rest, and `formats` print a summary of them.

- A *plan* has the tables of a questionnaire and its breakdowns. A *breakdown* divides everyone into
  groups; small groups are *pooled*.
- A *cell* is one count of a table, a *marginal* the table of one breakdown, the *base* of a table
  those who were asked and answered. `not_asked`, `dk` and the like are *reserved* codes.
- *Primary suppression*: a count below 8 is *masked*, any other rounded to the *rounding base*, 5
  or 10. *Secondary suppression*: a table that would undo the masks of others is *withheld*.
- The *feasible interval* of a cell is what sums of printed figures leave it. A *witness* is another
  data set that prints the same figures, and so shows that a value is possible.
- A *statement* is the unit of decision: an item, or a row of a matrix. A *decoy* is one that is
  rounded or withheld by draw, so that the step does not reveal what made it necessary.
- *Differencing* is subtracting two summaries to learn about those who joined or left in between.
- *Figures* are kept, and never made again for the same responses. A *summary* is what is shown of
  them, a *report* is a summary laid out for people.
"""
