"""The settings of a survey round, and the introduction, in which their values appear.

The *fieldwork* is one survey round; its *settings* are in a TOML file. The *background* is the
introduction to a questionnaire; some of its sentences are shown only if a setting has a value. A
*notice* is a document that such a sentence refers to.
"""
