"""Write a key record where you write DNS yourself, and prove that it is served."""
