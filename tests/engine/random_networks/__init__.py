"""Random networks, losses, optimizers and schedules, and what PyTorch makes of them."""
