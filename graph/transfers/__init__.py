"""Bytes over plain HTTP: signed uploads and downloads, and files that come along with a GraphQL request."""
