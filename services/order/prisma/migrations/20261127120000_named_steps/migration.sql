-- The last finished step of the saga by name; what the customer agreed to pay; how often a worker has taken the order over.
SET lock_timeout = '3s';

ALTER TABLE "orders" ADD COLUMN "saga_step" TEXT,
  ADD COLUMN "agreed_total_minor" INTEGER,
  ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 0;

-- Rows from before: the names of the numbers in "step".
UPDATE "orders" SET "saga_step" = (ARRAY['reserve-stock', 'authorise-payment', 'confirm-stock', 'capture-payment'])["step"]
  WHERE "step" > 0;

ALTER TABLE "orders" ADD CONSTRAINT "orders_saga_step_check"
  CHECK ("saga_step" IN ('reserve-stock', 'authorise-payment', 'confirm-stock', 'capture-payment'));
-- No customer pays another total than the one that was agreed.
ALTER TABLE "orders" ADD CONSTRAINT "orders_agreed_check"
  CHECK ("status" <> 'confirmed' OR "agreed_total_minor" IS NULL OR "agreed_total_minor" = "total_minor");

-- While replicas of the release before are running, each side sees the steps of the other: they count them in "step". To be
-- removed, with that column, in a release that no longer runs beside them.
CREATE FUNCTION "sync_saga_step"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  names CONSTANT text[] := ARRAY['reserve-stock', 'authorise-payment', 'confirm-stock', 'capture-payment'];
BEGIN
  IF NEW."saga_step" IS DISTINCT FROM OLD."saga_step" THEN
    NEW."step" := coalesce(array_position(names, NEW."saga_step"), 0);
  ELSIF NEW."step" <> OLD."step" AND NEW."cancel_reason" IS NOT DISTINCT FROM OLD."cancel_reason" THEN
    NEW."saga_step" := names[NEW."step"];
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "orders_sync_saga_step" BEFORE UPDATE ON "orders" FOR EACH ROW EXECUTE FUNCTION "sync_saga_step"();

-- Only pending orders are looked for by age and counted per customer. An index on all of them was written by every step.
CREATE INDEX "orders_pending_claimed_at_idx" ON "orders"("claimed_at") WHERE "status" = 'pending';
CREATE INDEX "orders_pending_user_id_idx" ON "orders"("user_id") WHERE "status" = 'pending';
DROP INDEX "orders_status_claimed_at_idx";
