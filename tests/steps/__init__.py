"""Every write is a step: the real engine, ledger, ErrorTable, drain and report over stores whose writes fail, take
effect without an answer, are the last thing a process does, or leave room for another process in between.

world   the account and its processes, and what must hold in the end
plans   what hypothesis draws
"""
