"""Define what is asked of a run: the notebook's parameters, the profile's defaults, and who started it."""
