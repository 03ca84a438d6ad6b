"""One run from a source to an output. To understand it, read in this order:

request     what is asked
plan        what will be done and what it takes (checks, segments, estimate, pace)
run         the flow
repaint     its heart: decode, stylize and encode at the same time (threads, shotframes)
workfolder  where everything lies until it is complete
record      what is written down about it

compare, catalog and doctor are the smaller jobs of the commands of that name, models and styles.
"""
