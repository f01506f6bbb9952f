"""Training: the trainer, its history, snapshots, scores and saved state."""
