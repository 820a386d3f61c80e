"""The settings of a survey round, and the introduction that contains their values.

The *fieldwork* is one survey round; its *settings* are in a TOML file. The *background* is the
introduction to a questionnaire; some of its sentences are shown only if a setting has a value. A
*notice* is a document that a sentence of the background refers to.
"""
