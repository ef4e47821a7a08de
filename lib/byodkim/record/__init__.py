"""The evidence of a run: journal, record, seal, approvals, and their verification."""
