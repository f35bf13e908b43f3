"""What wraps every request. `stack.py` says in which order."""
