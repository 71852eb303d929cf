SET lock_timeout = '2s';

-- What Prisma's schema language cannot say: an authorisation is either captured or voided at the provider.
CREATE UNIQUE INDEX "provider_entries_settlement_key" ON "provider_entries"("reference")
    WHERE "kind" IN ('capture', 'void');
