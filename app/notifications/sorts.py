"""Sorts of words: with a title and a button (Pushover, Telegram), one plain line with its link, or a letter with a
subject, paragraphs between empty lines, and a button (e-mail)."""

PUSH, TEXT, LETTER = "push", "text", "letter"
