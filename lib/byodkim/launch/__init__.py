"""The command line, and what can be known of the program that started a run."""
