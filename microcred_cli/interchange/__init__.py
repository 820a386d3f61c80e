"""Responses and questionnaires in the formats of other programs.

- Variable: one column of a data set. A single-choice item has one variable; a multiple-choice item
  has one for each option, a matrix one for each row, and a ranking one for each rank.
- Value: a code, its number and its label. The number is used in formats that cannot store codes.
- Missing value: a value that is not an answer: a reserved code, or a code that occurs only in data
  sets (`SUPPRESSED`, `NO_FURTHER_RANK`). Its number is negative.
- Microdata: sealed responses as columns of numbers, in random order, without ids, seeds or texts.
- Quasi-identifier: a variable whose value may be known to others; several of them together can
  identify a person.
- Suppression: the replacement of values of quasi-identifiers until each record shares the remaining
  values with at least k - 1 others (k-anonymity).
- Writer: a module that writes microdata to files in one format.
- Codebook: the description of all variables, as DDI XML and as an HTML page.
- Pool: all sealed texts typed for one question or option, for staff to read.
- Form: the questionnaire on paper (a sheet), or as a file for another survey tool.
"""
