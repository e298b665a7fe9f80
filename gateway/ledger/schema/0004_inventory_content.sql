-- Whether rows were lost. The content of an account is the sum of the weights of its rows, kept with each change. A weight is
-- 2^32 and a checksum, 0 of what is gone, and replaced is the one before.
ALTER TABLE inventory_accounts ADD COLUMN content BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inventory_rows ADD COLUMN weight BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inventory_rows ADD COLUMN replaced BIGINT NOT NULL DEFAULT 0;
UPDATE inventory_rows SET weight = 4294967296 WHERE body <> '';
UPDATE inventory_accounts SET content = (SELECT CAST(COALESCE(SUM(weight), 0) AS BIGINT) FROM inventory_rows
    WHERE inventory_rows.provider = inventory_accounts.provider);
DROP INDEX inventory_changes;
CREATE INDEX inventory_changes ON inventory_rows (provider, version, weight, replaced);
