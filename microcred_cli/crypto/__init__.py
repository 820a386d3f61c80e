"""Keys, the age format, and files that are encrypted at rest."""
