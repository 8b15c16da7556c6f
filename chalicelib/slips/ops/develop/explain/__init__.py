"""`slips explain`: what becomes of one object, and why. Nothing is delivered.

routes   which rule and mapping take it, and which they shadow
place    the object: in S3, or a file that stands for one
preview  its first events, and the functions that would take them
"""

from .place import located, stands_for
from .preview import Previewed, preview
from .routes import Routed, routed

__all__ = ["Previewed", "Routed", "located", "preview", "routed", "stands_for"]
