"""Checks: pure functions over an observation.

Each has an ID, a claim, a remedy and the harm that it prevents.
"""
