"""The letter as an object: addresses, headers, composing, trace fields, MIME structure.

Why: every place that writes or reads a letter uses the same octet-true code, since the standard library's parser and
folder differ between Python versions and raise on hostile letters. RFC 5322, RFC 2045 to 2047, RFC 2231.
"""
