"""Runs as each schema version wrote them. Every later program opens them; they are never written anew."""
