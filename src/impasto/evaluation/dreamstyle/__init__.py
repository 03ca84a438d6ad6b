"""DreamStyle's ablation at nano scale: what is learned anew for each row and seed, painted with, measured and kept."""
