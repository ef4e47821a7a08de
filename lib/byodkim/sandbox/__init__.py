"""AWS and DNS on loopback, with SES's real DKIM state machine."""
