"""Interchange: everything that leaves the program in the formats of other tools.

The *variables* of a data set and its codebook, the sealed *texts* for staff to read, and the
questionnaire as a *form*: on paper, or as a file for another survey tool.
"""
