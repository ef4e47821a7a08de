"""Show records to people: tables and sections for notebooks, pages, lines in the terminal."""
