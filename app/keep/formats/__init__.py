"""The files that a run can become, one module a kind; app/keep/export.py has the table of them."""
