"""`formats` of slips.yml: formats of the user's own, as patterns instead of code.

settings  what a pattern format is
types     what `%{int:status}` takes, and what value it gives
line      `%{time:at} %{word:level} %{rest:message}`, to a regular expression that takes linear time
times     `%d.%m.%Y %H:%M:%S`, to a regular expression; zones
section   the section itself, checked
"""
