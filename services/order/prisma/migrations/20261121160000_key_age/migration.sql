-- For finding the keys that are too old to be kept.
CREATE INDEX "idempotency_keys_claimed_at_idx" ON "idempotency_keys"("claimed_at");
