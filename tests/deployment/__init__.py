"""What AWS would get: the package of `chalice package`, and what `chalice deploy` creates in an emulated account.

project    a copy of the project, and the real `chalice` on it
package    the package, built once for all workers of a test session
emulator   the emulated account: moto in a process of its own
server     that process, with what moto lacks: access, cloudformation, openapi
"""
