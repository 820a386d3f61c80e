"""Export of responses and questionnaires to the file formats of other programs.

- Variable: one column of a data set. A single-choice item has one variable; a multiple-choice
  item has one for each option, a matrix has one for each row, and a ranking has one for each rank.
- Value: a code with its number and label. The number is used in formats that cannot store codes.
- Missing value: a value with a negative number that is not an answer. Missing values are reserved
  codes, and codes that occur only in data sets (`SUPPRESSED`, `NO_FURTHER_RANK`).
- Microdata: sealed responses as columns of numbers, in random order, without ids, seeds or texts.
- Quasi-identifier: a variable whose value other people may know; a combination of several
  quasi-identifiers can identify a person.
- Suppression: the removal of values of quasi-identifiers until each record has the same remaining
  values as at least k - 1 others (k-anonymity).
- Writer: a module that writes microdata in one file format.
- Codebook: the description of all variables, as DDI XML and as an HTML page.
- Pool: all sealed texts typed for one question or option, for staff to read.
- Form: the questionnaire on paper, or as a file for another survey tool.
"""
