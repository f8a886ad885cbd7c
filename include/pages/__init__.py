"""Pages to look at: static HTML that reads offline, light and dark, with each chart as a table too."""
