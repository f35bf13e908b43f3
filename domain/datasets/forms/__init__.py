"""Typed forms: named fields with kinds, ranges and help, for recipe steps, generators and sources alike."""

from __future__ import annotations

from domain.datasets.forms.model import Field, FieldKind, Form, Values
from domain.datasets.forms.reading import Path, read_form
from domain.datasets.forms.schema import DIALECT, form_schema

__all__ = ["DIALECT", "Field", "FieldKind", "Form", "Path", "Values", "form_schema", "read_form"]
