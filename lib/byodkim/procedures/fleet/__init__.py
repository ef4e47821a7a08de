"""Many identities rotated together: what their runs share."""
