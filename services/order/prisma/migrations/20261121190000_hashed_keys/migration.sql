-- A client may have taken a token or a card number for a key: only its SHA-256 is stored.
UPDATE "idempotency_keys" SET "key" = encode(sha256(convert_to("key", 'UTF8')), 'hex');
