"""What the application costs, as ratios and counts taken in one run: `make bench`."""
