"""`slips init`: a project of your own.

files     what a project consists of, and writing it without overwriting anything
template  app.py, slips.yml and the other files as text
samples   your log files: their format, their place in samples/, their mapping
legacy    a configuration and a handler class of the class-based SLIPS
wheel     the wheel of this SLIPS, packed again from what is installed
"""
