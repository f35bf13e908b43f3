"""What trains agents: each engine in a folder of its own, behind one port."""
