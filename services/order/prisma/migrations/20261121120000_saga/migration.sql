-- How many steps of the saga are done, or, once there is a reason to cancel, how many are still to be undone.
ALTER TABLE "orders" ADD COLUMN "step" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "orders" ADD COLUMN "payment_id" UUID;

-- Orders from before: what was pending starts again as it did, what is confirmed has all four steps behind it.
UPDATE "orders" SET "step" = 4 WHERE "status" = 'confirmed';

ALTER TABLE "orders" ADD CONSTRAINT "orders_step_check" CHECK ("step" BETWEEN 0 AND 4);
