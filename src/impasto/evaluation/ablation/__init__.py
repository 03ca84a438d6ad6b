"""StyleMaster's ablations at nano scale: parts trained anew for each row and seed, painted with, measured and kept."""
