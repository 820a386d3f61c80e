"""What is kept: drafts while an interview lasts, anonymised responses after it."""
