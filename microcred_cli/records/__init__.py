"""Responses and detached texts: their shape, validation, recoding and anonymisation.

A *response* is one complete or partial interview, anonymised. A *text* is something typed freely:
an answer to an open item, the text for an option such as "other", or a remark. Texts are
*detached*: stored apart from the response, without anything that links them to it.

A *record* is any of the files: a response, a text, the terms of a folder, or a draft.

A *receipt* is the code that a respondent gets at the end. The ids of the response and of its texts
are hashes of it, so with the receipt, and only with it, they can be found and withdrawn. A *resume
code* leads to a draft in the same way. A *bare* code has no groups and no check symbol.

*Recoding* replaces a fine code by a coarse one, or a number by a band. The *detail* of a folder
says whether responses keep coarse codes, or (encrypted only) fine ones. The *stored* questionnaire
is the one that recoded responses answer.

The *route* of a response is the items that were asked. *Identifiers* are parts of a text that could
identify a person, such as an e-mail address.
"""
