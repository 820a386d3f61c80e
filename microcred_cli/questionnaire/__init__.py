"""What is asked: models of a questionnaire, its conditions, loading, lint and routes."""
