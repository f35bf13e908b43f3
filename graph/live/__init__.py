"""Following what happens while it happens: nothing is lost, nothing comes twice, a slow screen harms nobody."""
