"""Names of files that strangers give."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.file_names import LONGEST, safe_file_name


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("prices.csv", "prices.csv"),
        ("Kurse März 2024.csv", "Kurse März 2024.csv"),
        ("Kurse Ma\u0308rz.csv", "Kurse März.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\prices.csv", "prices.csv"),
        ("/etc/", "file"),
        ("..", "file"),
        ("...csv", "csv"),
        ("", "file"),
        (".hidden", "hidden"),
        ("a\x00b\r\nc.csv", "a b c.csv"),
        ("\x1b[31mred.csv", "[31mred.csv"),
        ("gpj.\u202evsc.exe", "gpj. vsc.exe"),
        ('a"b<c>d|e?f*g:h.csv', "a_b_c_d_e_f_g_h.csv"),
        ("  spaced   out .csv ", "spaced out .csv"),
        ("half\ud800.csv", "half .csv"),
        ("data.csv...", "data.csv"),
    ],
)
def test_what_becomes_of_a_name(given_name: str, safe: str) -> None:
    assert safe_file_name(given_name) == safe


def test_a_long_name_keeps_its_extension() -> None:
    assert safe_file_name("x" * 300 + ".parquet") == "x" * (LONGEST - 8) + ".parquet"
    assert safe_file_name("x" * 300) == "x" * LONGEST
    assert safe_file_name("a." + "x" * 300) == "a." + "x" * (LONGEST - 2)


@given(st.text(max_size=400))
def test_no_name_is_dangerous(text: str) -> None:
    name = safe_file_name(text)
    assert 1 <= len(name) <= LONGEST
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in name)
    assert name == name.strip(". ")
    assert safe_file_name(name) == name
