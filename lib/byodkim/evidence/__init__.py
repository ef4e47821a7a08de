"""What a run leaves: the journal, and the record told from it."""
