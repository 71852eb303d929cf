SET lock_timeout = '2s';

-- Names sort as people expect, and letters beyond ASCII have a lower case, whatever the locale of the database is.
ALTER TABLE "products" ALTER COLUMN "name" TYPE TEXT COLLATE "und-x-icu";

-- For searches. A service may create this extension in its own database, since PostgreSQL trusts it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX "products_search_idx" ON "products" USING gin (lower(' ' || "name" || ' ' || "description") gin_trgm_ops);

-- For recommendations: neighbours by price.
CREATE INDEX "products_category_price_minor_id_idx" ON "products"("category", "price_minor", "id");

-- How many products each category has, kept by triggers: counting them takes as long as the catalogue is large.
CREATE TABLE "product_categories" (
    "category" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "product_categories_pkey" PRIMARY KEY ("category")
);

CREATE FUNCTION count_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO product_categories AS counted (category, count)
  SELECT category, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
  FROM changed GROUP BY category ORDER BY category
  ON CONFLICT (category) DO UPDATE SET count = counted.count + excluded.count;
  RETURN NULL;
END $$;
CREATE TRIGGER products_inserted AFTER INSERT ON "products"
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_products();
CREATE TRIGGER products_deleted AFTER DELETE ON "products"
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_products();

CREATE FUNCTION move_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO product_categories AS counted (category, count)
  SELECT * FROM (VALUES (OLD.category, -1), (NEW.category, 1)) AS moved (category, count) ORDER BY category
  ON CONFLICT (category) DO UPDATE SET count = counted.count + excluded.count;
  RETURN NULL;
END $$;
CREATE TRIGGER products_moved AFTER UPDATE OF "category" ON "products"
  FOR EACH ROW WHEN (OLD.category <> NEW.category) EXECUTE FUNCTION move_product();

INSERT INTO "product_categories" SELECT "category", count(*) FROM "products" GROUP BY "category";
