"""`slips explain`: show what happens to an object, and why, without delivering it.

routes   the rule and mapping that match it, and those they shadow
place    the object: in S3, or a local file
preview  its first events, and the functions that would get them
"""

from .place import locate_object, object_of_file
from .preview import Preview, preview
from .routes import RouteReport, route_object

__all__ = ["Preview", "RouteReport", "locate_object", "object_of_file", "preview", "route_object"]
