"""Pictures of results: data in, the text of an SVG out. Without numpy here: a process that only asks starts fast."""
