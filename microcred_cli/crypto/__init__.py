"""Keys, the age format, and files that are encrypted at rest.

A *recipient* is a public key that records are encrypted to, an *identity* the secret key that opens
them, both in the age format. The *fingerprint* of a recipient is a short code to compare keys by. A
*cipher* converts the records of a folder to their form on disk: in clear, or encrypted (*wrapped*)
and padded. A *canary* is a random token that is encrypted to a recipient and decrypted before the
first interview: it proves that somebody has the identity. A *spool* holds lines between reading and
writing.

A message about a key never quotes it: it may be a secret one in the wrong place.
"""
