"""`impasto serve`: a page and an HTTP API in front of `job`, with no painting of its own. Read in this order:

limits    how much anybody may ask for, and refusals, what they are told who ask for more
order     what a visitor asks for, laid out as a folder that the program `work` understands
work      the program that touches what visitors send: one process for each look, plan and run
child     starting that program, and ending it where it goes beyond its limits
store     uploads and jobs in SQLite, which survive a restart
runner    one job after the other
desk      all that a visitor can do, for page and API alike
guard     what is refused before anything is read
api       HTTP in and out (pydantic lives here alone)
page      the Gradio page; its widgets are in static/, its colours in theme
server    all of it together
"""
