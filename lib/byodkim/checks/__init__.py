"""Checks: pure functions over an observation.

Each has an ID and a claim; what does not pass says what to do.
"""
