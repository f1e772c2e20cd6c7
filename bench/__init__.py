"""Side-by-side measurements: ratios of two things in one run (`make bench`)."""
