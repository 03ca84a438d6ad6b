"""Video in and out: `source` and `shots` read, `encode` and `mux` write, `types` names what passes between."""
