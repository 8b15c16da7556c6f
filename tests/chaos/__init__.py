"""The proof that nothing is lost: the packaged functions under AWS's runtime client, killed at seeded moments.

    python -m tests.chaos --runs 200 --seed 1

project   the app.py and slips.yml of the functions, and `points.py`, which kills their process at named points
objects   objects of lines, each an event with an id
versions  work items and items of the tables as other versions of SLIPS write them
plan      what a seed makes happen: objects, faults, kills, deadlines, notifications twice and out of order, items of
          other versions, another slips.yml, drains
storms    what is down for a while, and passes by itself
proxy     between the functions and the emulated AWS, injects the faults
account   the emulated account: tables, and the lanes' streams as Lambda reads them
tasks     the folders that the functions run in
world     the functions, and what carries batches to them
notifications  carries notifications to dispatch, report, and the redrive queue
clients   drain meanwhile, several at once
check     what must be true afterwards
runs      one run of a plan, and the table of many
"""
