"""Files that take long, that others change, that cannot be written: no work is lost, and none mixed up."""
