"""The tables of the papers, over a folder of results: our numbers under their columns, beside the published ones."""
