"""`portrait score`: what the platform found in the simulated shop, against what is so."""
