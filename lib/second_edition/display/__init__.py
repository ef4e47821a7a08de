"""Display of results: blocks, and their Markdown and HTML."""
