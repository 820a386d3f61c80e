"""Responses and detached texts: their structure, validation, recoding and anonymisation.

A *response* is one complete or partial interview, anonymised. A *text* is free text: an answer to
an open item, the text for an option such as "other", or a remark. Texts are *detached*: they are
stored separately from the response, without any link between the two.

A *record* is a file of any kind: a response, a text, the terms of a folder, or a draft.

A *receipt* is the code that a respondent gets at the end of an interview. The ids of the response
and its texts are hashes of the receipt, so only somebody with the receipt can find and withdraw
these files. A *resume code* identifies a draft. A *bare* code has no separators and no check
symbol.

*Recoding* replaces a fine code by a coarse code, or a number by a band. The *detail* of a folder
determines whether responses contain coarse codes or (only if encrypted) fine codes. The *stored*
questionnaire has the coarse codes as its options, to match recoded responses.

The *route* of a response is the sequence of items asked. *Identifiers* are parts of a text that
could identify a person, such as an e-mail address.
"""
