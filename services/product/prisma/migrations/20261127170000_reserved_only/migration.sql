SET lock_timeout = '2s';

-- The sweep looks for reservations in progress only. Those that have ended stay out of the index, so that it stays small and
-- their end is not written to it.
CREATE INDEX "reservations_expires_at_idx" ON "reservations"("expires_at") WHERE "status" = 'reserved';
DROP INDEX "reservations_status_expires_at_idx";
