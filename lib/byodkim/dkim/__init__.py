"""Judge DKIM key records and signed messages. Pure: nothing here reads files or uses the network."""
