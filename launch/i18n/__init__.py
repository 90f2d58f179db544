"""Translations: collect the strings, bring the catalogues up to date, compile and check them.

`python -m launch.i18n update | compile | check`. English is the text in the code; a catalogue exists for every
other language. docs/translating.md is written for translators.
"""
