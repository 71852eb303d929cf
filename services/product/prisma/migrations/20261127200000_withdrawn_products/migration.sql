SET lock_timeout = '2s';

-- A withdrawn product is no longer listed or sold. Its row stays for the reservations that name it. Replicas of the release before
-- go on to list and sell it until they are replaced.
ALTER TABLE "products" ADD COLUMN "withdrawn_at" TIMESTAMPTZ(3);

-- The categories count what is sold.
CREATE OR REPLACE FUNCTION count_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO product_categories AS counted (category, count)
  SELECT category, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
  FROM changed WHERE withdrawn_at IS NULL GROUP BY category ORDER BY category
  ON CONFLICT (category) DO UPDATE SET count = counted.count + excluded.count;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION move_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO product_categories AS counted (category, count)
  SELECT category, change
  FROM (VALUES (OLD.category, -1, OLD.withdrawn_at), (NEW.category, 1, NEW.withdrawn_at)) AS moved (category, change, withdrawn_at)
  WHERE withdrawn_at IS NULL ORDER BY category
  ON CONFLICT (category) DO UPDATE SET count = counted.count + excluded.count;
  RETURN NULL;
END $$;
DROP TRIGGER products_moved ON "products";
CREATE TRIGGER products_moved AFTER UPDATE OF "category", "withdrawn_at" ON "products"
  FOR EACH ROW WHEN (OLD.category <> NEW.category OR OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at)
  EXECUTE FUNCTION move_product();
