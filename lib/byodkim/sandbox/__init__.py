"""AWS and DNS on this machine's loopback, so that anybody can rehearse a rotation.

``world`` is what others use; the other modules run in the sandbox's own process.
"""
