"""The proof that nothing is lost: the packaged functions under AWS's runtime client, killed at seeded moments.

    python -m tests.chaos --runs 200 --seed 1

project   the app.py and slips.yml of the functions, and `points.py`, which kills their process at named points
plan      what a seed makes happen: objects, events, faults, kills, deadlines, notifications twice and out of order
proxy     between the functions and the emulated AWS, injects the faults
world     the emulated account, the functions, and and what carries notifications and batches to them
check     what must be true afterwards
runs      one run of a plan, and the table of many
"""
