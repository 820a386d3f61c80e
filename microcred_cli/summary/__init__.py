"""What may be published of the responses: counts, disclosure control, formats."""
