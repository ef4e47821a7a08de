"""How results show themselves: blocks, and their Markdown and HTML."""
