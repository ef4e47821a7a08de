"""The run, whatever its procedure: begun, observed, checked, planned, carried out, closed.

``lifecycle`` begins and closes the runs of all procedures and takes their steps; ``stages`` observes, checks, plans and
carries out; ``write_ahead`` makes every write. What sets a procedure apart stands in its package below
``second_edition.procedures``.

Records of all procedures are one chain an identity. What an earlier run of rotate left open: ``previous_runs``.
"""
