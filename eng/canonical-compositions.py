#!/usr/bin/env python3
"""Writes src/DiffusionDpo.Models/Tokenizers/canonical-compositions.txt from Python's Unicode tables (standard library only)."""
import sys
import unicodedata

print(f"# Canonical decomposition and composition of Unicode {unicodedata.unidata_version}; data of the Unicode Character Database,")
print("# (c) Unicode, Inc., under the Unicode License v3. Written by eng/canonical-compositions.py. Hangul is computed, not listed.")
print("# FIRST-LAST:CLASS   combining class of a range of code points")
print("# CODE=A B           decomposes to A B and is composed of them")
print("# CODE!A [B]         decomposes to A B and is never composed")

classes = [unicodedata.combining(chr(code)) for code in range(sys.maxunicode + 1)]
start = 0
for code in range(1, len(classes) + 1):
    if code == len(classes) or classes[code] != classes[start]:
        if classes[start]:
            print(f"{start:04X}-{code - 1:04X}:{classes[start]}")
        start = code

for code in range(sys.maxunicode + 1):
    parts = unicodedata.decomposition(chr(code))
    if parts and not parts.startswith("<"):
        composed = unicodedata.normalize("NFC", chr(code)) == chr(code)
        print(f"{code:04X}{'=' if composed else '!'}{parts}")
