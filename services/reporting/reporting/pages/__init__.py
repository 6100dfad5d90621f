"""The dashboard: pages for people, drawn on the server, that read well without a script and print well.

`views` (routes), `sign_in` (one-time links), `drawing` (figures as SVG), `paper` (templates and assets).
"""
