"""`slips redrive`: what is in the redrive queue, to the functions that did not take it.

receivers   which function gets a message
run         the queue, read to its end
"""
