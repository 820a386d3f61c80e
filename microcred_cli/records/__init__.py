"""What was said: responses, texts and receipts, their shapes, validation and recoding."""
