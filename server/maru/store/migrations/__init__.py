"""The steps from an empty database to today's, one file a release; they only ever add (expand, contract later)."""
