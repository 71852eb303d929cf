-- A step is known by its name alone. The column "step" stays for one more release, since replicas of the previous one read it.
SET lock_timeout = '2s';

DROP TRIGGER "orders_sync_saga_step" ON "orders";
DROP FUNCTION "sync_saga_step"();
