"""AWS and DNS on loopback, with SES's own DKIM life cycle: a world to rehearse rotations in.

``client`` is light (the standard library only) and is what a run uses; ``world`` is the world itself and needs the
``sandbox`` extra.
"""
