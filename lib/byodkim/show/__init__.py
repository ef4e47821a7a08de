"""Show records to people: DataFrames and sections for notebooks, pages, and the last lines in the terminal."""
