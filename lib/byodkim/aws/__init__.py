"""AWS, as the custodian reaches it. No other process imports this package."""
