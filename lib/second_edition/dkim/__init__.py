"""Pure: DKIM key records, the public side of key pairs, signatures."""
