"""Where content is kept: bytes in a folder or a bucket, and rows about them in Postgres."""
