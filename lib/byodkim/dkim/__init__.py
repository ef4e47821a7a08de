"""Judge DKIM key records and signed messages. Pure: nothing here reads files or the network."""
