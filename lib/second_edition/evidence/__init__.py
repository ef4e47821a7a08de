"""Define what a run leaves: the journal, and the record computed from it."""
