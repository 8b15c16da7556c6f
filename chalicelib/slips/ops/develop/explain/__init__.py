"""`slips explain`: what becomes of one object, and why. Nothing is delivered.

routes   which rule and mapping take it, and which they shadow
place    the object: in S3, or a file that stands for one
preview  its first events, and the functions that would take them
"""

from .place import locate_object, object_of_file
from .preview import Preview, preview
from .routes import RouteReport, route_object

__all__ = ["Preview", "RouteReport", "locate_object", "object_of_file", "preview", "route_object"]
