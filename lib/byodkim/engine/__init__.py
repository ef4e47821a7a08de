"""How a run works, whatever its procedure: observe, plan, write ahead, wait, close."""
