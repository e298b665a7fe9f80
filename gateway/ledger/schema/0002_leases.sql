-- Who drives an operation, and who may no longer record it.
ALTER TABLE operations RENAME COLUMN revision TO fence;
ALTER TABLE operations ADD COLUMN owner TEXT NOT NULL DEFAULT '';
-- A gateway process lives until then (Unix milliseconds).
CREATE TABLE gateways (
    owner       TEXT   NOT NULL PRIMARY KEY,
    alive_until BIGINT NOT NULL
);
-- Whether a purchase has been released since.
CREATE INDEX operations_released ON operations (provider, product, scope, native_id) WHERE type = 'release';
