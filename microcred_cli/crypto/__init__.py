"""Keys, the age format, and encryption of files at rest.

A *recipient* is a public key that records are encrypted to, and an *identity* is the secret key
that decrypts them, both in the age format. The *fingerprint* of a recipient is a short code by
which people can compare keys. A *cipher* converts the records of a folder to and from their form on
disk, which is either plain text or encrypted (*wrapped*) and padded. A *canary* is a random token
that is encrypted to a recipient and decrypted before the first interview, to prove that somebody
has the identity. A *spool* stores lines temporarily until they are read.

Messages never quote a key, because it may be a secret key that was pasted by mistake.
"""
