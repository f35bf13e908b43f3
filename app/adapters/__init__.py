"""What stands behind the ports of the domain: hashing, signing, mail."""
