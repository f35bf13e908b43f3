"""One module per kind of file; each makes a table of named columns, every row with its place in the file."""
