"""The sandbox as byodkim uses it: a client of the distribution ses-sandbox, and the command ``byodkim sandbox``."""
