"""From manuscript to page: editions, course pages, the site, and the Sphinx extension that it is built with."""
