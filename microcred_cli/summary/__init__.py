"""Publishable aggregate results: counting, disclosure control and output formats.

The modules, in order of use: `counts` adds up responses, `tabulation` turns counts into exact
tables, `audit` decides which tables must be rounded more coarsely or withheld, `protection` applies
masking, rounding and pooling according to `rule`, `figures` represents the result and selects a
summary, and `formats` writes the summary.

- A *plan* lists the tables and breakdowns of a questionnaire. A *breakdown* divides all respondents
  into groups; small groups are *pooled*.
- A *cell* is one count of a table, a *marginal* is a table by one breakdown, and the *base* of a
  table is the number of people who were asked and answered. `not_asked`, `dk` and similar codes are
  *reserved*.
- *Primary suppression*: a count below 8 is *masked*; other counts are rounded to the *rounding
  base*, 5 or 10. *Secondary suppression*: a table that would reveal masked counts of other tables
  is *withheld*.
- The *feasible interval* of a cell contains the values consistent with the sums of printed figures.
  A *witness* is another data set with the same printed figures; it proves that a value is possible.
- A *statement* is the unit of decision: an item, or a row of a matrix. A *decoy* is a statement
  chosen at random to be rounded more coarsely or withheld, so that nobody can infer the reason for
  which another statement is protected.
- *Differencing* means subtracting one summary from another, to learn about people who joined or
  left in between.
- *Figures* are the protected results, which are computed once for a given set of responses and
  then stored. A *summary* is a selection of figures, and a *report* is a summary formatted for
  readers.
"""
