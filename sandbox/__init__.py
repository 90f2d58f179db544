"""The outside providers, on this machine: what a store sends is kept here and shown in an inbox.

Speaks Pushover, Telegram, Twilio (SMS and WhatsApp) and SendGrid well enough that the real client
libraries run against it unchanged. Imports nothing of the rest of the project. Start it with
``python -m sandbox --port 8090 --data DIR``.
"""
