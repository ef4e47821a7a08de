"""The evidence of a run: its journal, the record told from it, seals, approvals, and their verification."""
