-- AlterEnum
ALTER TYPE "payment_status" ADD VALUE 'voided';

-- CreateEnum
CREATE TYPE "ledger_entry_kind" AS ENUM ('capture', 'refund');

-- CreateEnum
CREATE TYPE "ledger_account" AS ENUM ('provider_receivable', 'sales', 'refunds');

-- AlterTable
ALTER TABLE "payments" ADD COLUMN "refunded_minor" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "provider_entries" ADD COLUMN "payment_reference" UUID, ADD COLUMN "token" TEXT;

-- CreateTable
CREATE TABLE "refunds" (
    "id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "amount_minor" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "refunds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entries" (
    "id" UUID NOT NULL,
    "kind" "ledger_entry_kind" NOT NULL,
    "reference" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_postings" (
    "entry_id" UUID NOT NULL,
    "account" "ledger_account" NOT NULL,
    "amount_minor" BIGINT NOT NULL,

    CONSTRAINT "ledger_postings_pkey" PRIMARY KEY ("entry_id","account")
);

-- CreateIndex
CREATE INDEX "refunds_payment_id_idx" ON "refunds"("payment_id");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entries_kind_reference_key" ON "ledger_entries"("kind", "reference");

-- CreateIndex
CREATE INDEX "provider_entries_payment_reference_idx" ON "provider_entries"("payment_reference");

-- AddForeignKey
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_postings" ADD CONSTRAINT "ledger_postings_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "ledger_entries"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.
ALTER TABLE "payments" ADD CONSTRAINT "payments_refunded_minor_check"
    CHECK ("refunded_minor" BETWEEN 0 AND "amount_minor" AND ("refunded_minor" = 0 OR "status" = 'captured'));
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_amount_minor_check" CHECK ("amount_minor" > 0);
ALTER TABLE "ledger_postings" ADD CONSTRAINT "ledger_postings_amount_minor_check" CHECK ("amount_minor" <> 0);

-- Prisma's driver adapter cuts a migration at every semicolon, within a function's body too, so that one is written \073 there.

-- Looked at when the transaction commits, because an entry and its postings come one after the other. The entry is looked at
-- too: without postings it would balance at nothing.
CREATE FUNCTION "refuse_unbalanced_entry"() RETURNS trigger LANGUAGE plpgsql AS E'
DECLARE
    checked UUID := to_jsonb(NEW) ->> TG_ARGV[0]\073
BEGIN
    IF (SELECT count(*) < 2 OR sum("amount_minor") <> 0 FROM "ledger_postings" WHERE "entry_id" = checked) THEN
        RAISE EXCEPTION ''ledger entry % does not balance'', checked USING ERRCODE = ''check_violation''\073
    END IF\073
    RETURN NULL\073
END';

CREATE CONSTRAINT TRIGGER "ledger_entries_balance" AFTER INSERT ON "ledger_entries"
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "refuse_unbalanced_entry"('id');
CREATE CONSTRAINT TRIGGER "ledger_postings_balance" AFTER INSERT ON "ledger_postings"
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "refuse_unbalanced_entry"('entry_id');

CREATE FUNCTION "refuse_change_of_ledger"() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
    RAISE EXCEPTION ''the ledger is only ever added to: % of % is refused'', TG_OP, TG_TABLE_NAME
        USING ERRCODE = ''check_violation''\073
END';

CREATE TRIGGER "ledger_entries_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entries"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_ledger"();
CREATE TRIGGER "ledger_postings_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_postings"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_ledger"();

-- What was captured before there was a ledger, in one statement, after which it must balance. An entry's id is the payment's,
-- for want of another UUIDv7.
WITH "entries" AS (
    INSERT INTO "ledger_entries" ("id", "kind", "reference", "currency")
        SELECT "id", 'capture', "id", "currency" FROM "payments" WHERE "status" = 'captured'
)
INSERT INTO "ledger_postings" ("entry_id", "account", "amount_minor")
    SELECT "id", "account"::"ledger_account", "amount_minor" * "sign"
    FROM "payments", (VALUES ('provider_receivable', 1), ('sales', -1)) AS "sides" ("account", "sign")
    WHERE "status" = 'captured';
