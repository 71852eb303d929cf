SET lock_timeout = '2s';

-- An administrator lists the orders of all customers by status, without reading the others.
CREATE INDEX "orders_status_id_idx" ON "orders"("status", "id");
