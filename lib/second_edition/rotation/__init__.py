"""Pure: observation, checks, plan, comparison, outcome."""
