-- The default gives a time to the reservations that stand, and to those of replicas that do not know the column yet.
ALTER TABLE "reservations" ADD COLUMN "expires_at" TIMESTAMPTZ(3) NOT NULL DEFAULT (now() + '00:15:00'::interval);
CREATE INDEX "reservations_status_expires_at_idx" ON "reservations"("status", "expires_at");
