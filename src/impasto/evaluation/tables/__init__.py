"""Tables that compare methods: rows are data, each is painted in a process of its own, measured and kept."""
