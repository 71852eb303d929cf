SET lock_timeout = '2s';

-- CreateTable
CREATE TABLE "login_addresses" (
    "account" BYTEA NOT NULL,
    "address" BYTEA NOT NULL,
    "failures" INTEGER NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "known_until" TIMESTAMPTZ(3),

    CONSTRAINT "login_addresses_pkey" PRIMARY KEY ("account","address")
);

-- CreateIndex
CREATE INDEX "login_addresses_last_at_idx" ON "login_addresses"("last_at");
