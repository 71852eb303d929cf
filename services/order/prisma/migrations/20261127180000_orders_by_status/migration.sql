-- A customer's orders of one status are found without reading the others.
CREATE INDEX "orders_user_id_status_id_idx" ON "orders"("user_id", "status", "id");
