"""The store in a database, through SQLAlchemy Core; `store.py` holds the way in."""
