"""Training: the trainer, its history, scores and saved state."""
