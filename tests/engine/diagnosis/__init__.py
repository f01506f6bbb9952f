"""Findings on runs: each is made to happen, and made not to."""
