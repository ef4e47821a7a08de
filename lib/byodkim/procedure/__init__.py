"""The procedure's work, step by step: begin, observe, check, plan, apply, verify, hand over, close."""
