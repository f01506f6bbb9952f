"""Files: the .gradwright archive, written whole or not at all."""
