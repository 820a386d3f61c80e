"""Responses and questionnaires in the formats of other programs.

- Variable: one column of a data set. A single choice is one variable; a multiple choice has one for
  each option, a matrix one for each row, and a ranking one for each rank.
- Value: a code with its number and its label. Programs that cannot store codes store numbers.
- Missing value: a value that is not an answer: a reserved code, or one that only a data set has
  (`SUPPRESSED`, `NO_FURTHER_RANK`). Its number is negative.
- Microdata: sealed responses as columns of numbers, in random order, without ids, seeds and texts.
- Quasi-identifier: a variable whose value others may know, so that several together find a person.
- Suppression: replaces values of quasi-identifiers until each record shares the remaining ones with
  k - 1 others (k-anonymity).
- Writer: a module that writes microdata to files of one format.
- Codebook: the description of all variables, as DDI XML and as a page.
- Pool: all sealed texts to one question or option, for staff to read.
- Form: the questionnaire on paper (a sheet), or as a file for another survey tool.
"""
