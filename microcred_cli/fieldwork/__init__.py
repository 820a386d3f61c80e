"""The settings of a survey round, and the background that they complete.

A *fieldwork* is one survey round; its *settings* are a TOML file. The *background* is the
introduction of a questionnaire; some of its sentences need a setting. A *notice* is a text that
such a sentence refers to.
"""
